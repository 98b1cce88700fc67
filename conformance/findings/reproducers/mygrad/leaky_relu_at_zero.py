"""The gradient of leaky_relu at 0 is 0, less than either slope; it is one of 0.25 to 1 (PyTorch documents 0.25)."""

import mygrad as mg

x = mg.tensor([0.0])
mg.nnet.activations.leaky_relu(x, 0.25).sum().backward()
assert 0.25 <= x.grad[0] <= 1.0, x.grad
