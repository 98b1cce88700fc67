"""asinh of -1e8 is infinite, and at -1e4 has lost half its digits: the formula log(x + sqrt(x x + 1)) cancels."""

from tinygrad import Tensor, dtypes

y = Tensor([-1e8], dtype=dtypes.float64).asinh().item()
assert abs(y + 19.1138) < 1e-4, y
