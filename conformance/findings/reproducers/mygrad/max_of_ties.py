"""The gradient of max goes to the first of two equal elements (1, 0); PyTorch documents that amax halves it."""

import mygrad as mg

x = mg.tensor([1.0, 1.0])
mg.max(x).backward()
assert x.grad.tolist() == [0.5, 0.5], x.grad
