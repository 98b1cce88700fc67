"""A tensor that was computed keeps its gradient after backward, as documented; PyTorch keeps those of leaves alone."""

import mygrad as mg

x = mg.tensor([3.0])
y = 2.0 * x
y.sum().backward()
assert y.grad is None, y.grad
