"""asin, acos and atan of float64 are polynomials with seven right digits: asin(0.5) is wrong by 1e-8 and more."""

import math

from tinygrad import Tensor, dtypes

y = Tensor([0.5], dtype=dtypes.float64).asin().item()
assert abs(y - math.asin(0.5)) < 1e-12, y
