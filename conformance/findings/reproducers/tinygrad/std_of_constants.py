"""The gradient of std of equal numbers is nan; PyTorch documents 0, the subgradient of least norm."""

from tinygrad import Tensor

x = Tensor([1.0, 1.0, 1.0])
g = x.std().gradient(x)[0].tolist()
assert g == [0.0, 0.0, 0.0], g
