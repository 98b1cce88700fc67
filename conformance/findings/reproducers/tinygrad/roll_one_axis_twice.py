"""roll of one axis by 1 and by 2 rolls by 2; PyTorch and NumPy roll by the sum."""

from tinygrad import Tensor

y = Tensor([1.0, 2.0, 3.0, 4.0]).roll((1, 2), (0, 0)).tolist()
assert y == [2.0, 3.0, 4.0, 1.0], y
