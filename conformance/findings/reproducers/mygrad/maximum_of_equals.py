"""The gradient of maximum of two equal arguments is 0 for both; they add up to 1, and PyTorch documents half for each."""

import mygrad as mg

x, y = mg.tensor([1.0]), mg.tensor([1.0])
mg.maximum(x, y).sum().backward()
assert x.grad[0] + y.grad[0] == 1.0, (x.grad, y.grad)
