"""The gradient of std of equal numbers is nan; PyTorch documents 0, the subgradient of least norm."""

import mygrad as mg

x = mg.tensor([1.0, 1.0, 1.0])
mg.std(x).backward()
assert (x.grad == 0).all(), x.grad
