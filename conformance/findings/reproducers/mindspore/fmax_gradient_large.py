"""The gradient of fmax of float64 in its second operand at (1e39, 2e39) is 0, since both are infinite in float32; it is 1."""

import mindspore
import numpy as np

x, y = mindspore.Tensor(np.array([1e39])), mindspore.Tensor(np.array([2e39]))
g = mindspore.grad(lambda y: mindspore.ops.fmax(x, y).sum())(y).item()
assert g == 1, g
