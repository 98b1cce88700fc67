"""The gradient of atan2 at (1e200, 1e200) is 0, since squares overflow; it is (5e-201, -5e-201)."""

import mindspore
import numpy as np

x, y = mindspore.Tensor(np.array([1e200])), mindspore.Tensor(np.array([1e200]))
g = mindspore.grad(lambda x: mindspore.ops.atan2(x, y).sum())(x).item()
assert abs(g / 5e-201 - 1) < 1e-12, g
