"""cos of a large float64 has four right digits: it is the sine of the number plus pi / 2, which is rounded."""

import math

from tinygrad import Tensor, dtypes

x = 123456789.123
y = Tensor([x], dtype=dtypes.float64).cos().item()
assert abs(y - math.cos(x)) < 1e-12, y
