"""celu of float64 is computed in float32: at -2.6 it is wrong by 8e-9."""

import math

import mindspore
import numpy as np

y = mindspore.ops.celu(mindspore.Tensor(np.array([-2.6])), 1.0).item()
assert abs(y - math.expm1(-2.6)) < 1e-15, y
