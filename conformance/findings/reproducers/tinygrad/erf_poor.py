"""erf has seven right digits also in float64: at 0.3 it is wrong by 1e-7, and its gradient by 1e-6 and more."""

import math

from tinygrad import Tensor, dtypes

y = Tensor([0.3], dtype=dtypes.float64).erf().item()
assert abs(y - math.erf(0.3)) < 1e-14, y - math.erf(0.3)
