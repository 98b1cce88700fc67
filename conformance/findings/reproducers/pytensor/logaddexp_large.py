"""logaddexp of 697500 and 1 is infinite: log(exp + exp) is what it says; it is 697500."""

import pytensor.tensor as pt

y = pt.logaddexp(pt.constant(697500.0), pt.constant(1.0)).eval()
assert y == 697500.0, y
