"""The gradient of fmax of float64 is rounded to float32: the cotangent 0.1 comes back as 0.10000000149."""

import mindspore
import numpy as np

x, y, c = (mindspore.Tensor(np.array([v])) for v in (1.0, 0.0, 0.1))
g = mindspore.vjp(lambda x: mindspore.ops.fmax(x, y), x)[1](c)[0].item()
assert g == 0.1, g
