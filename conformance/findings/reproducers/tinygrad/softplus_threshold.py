"""softplus of 20.5 is 20.50000000125; PyTorch documents a straight line above 20, and 20.5."""

from tinygrad import Tensor, dtypes

y = Tensor([20.5], dtype=dtypes.float64).softplus().item()
assert y == 20.5, y
