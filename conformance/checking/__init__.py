"""Live checking of gradients: sampling a function, judging its pull-back against differences, and saying what is wrong."""
