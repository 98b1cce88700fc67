"""sign of nan is 1; PyTorch documents 0."""

from tinygrad import Tensor

y = Tensor([float("nan")]).sign().item()
assert y == 0, y
