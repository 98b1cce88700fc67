"""mish has six right digits, of float64 too: at 1 it is 0.8650983882673103."""

import mindspore
import numpy as np

y = mindspore.ops.mish(mindspore.Tensor(np.array([1.0]))).item()
assert abs(y - 0.8650983882673103) < 1e-14, y
