"""The gradient of hypot of float64 has seven right digits: at (3, 4) it is 0.6."""

import mindspore
import numpy as np

x, y = mindspore.Tensor(np.array([3.0])), mindspore.Tensor(np.array([4.0]))
g = mindspore.grad(lambda x: mindspore.ops.hypot(x, y).sum())(x).item()
assert abs(g - 0.6) < 1e-15, g
