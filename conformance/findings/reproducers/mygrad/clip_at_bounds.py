"""The gradient of clip at its bounds is 0; PyTorch documents 1, since the value is the input there."""

import mygrad as mg

x = mg.tensor([-1.0, 1.5])
mg.clip(x, -1.0, 1.5).sum().backward()
assert x.grad.tolist() == [1.0, 1.0], x.grad
