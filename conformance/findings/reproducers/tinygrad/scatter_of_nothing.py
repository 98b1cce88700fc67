"""scatter into a (3, 0) tensor raises; the result is empty."""

from tinygrad import Tensor, dtypes

x, index = Tensor.zeros(3, 0), Tensor.zeros(3, 0, dtype=dtypes.int64)
try:
    y = x.scatter(1, index, x).shape
except IndexError as error:
    y = error
assert y == (3, 0), y
