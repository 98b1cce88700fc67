"""logsigmoid is the logarithm of a rounded sigmoid: at 50 it is 0 and not -1.9e-22, and in float32 at 2.4 it has five right digits."""

import math

import mindspore
import numpy as np

y = mindspore.ops.logsigmoid(mindspore.Tensor(np.array([50.0]))).item()
assert abs(y / -math.log1p(math.exp(-50.0)) - 1) < 1e-12, y
