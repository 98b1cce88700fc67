"""The gradient of atan2 at (1e20, 1e20) is 0, since squares overflow; it is (5e-21, -5e-21)."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x, y = (nn.Variable.from_numpy_array(np.array([1e20], np.float32), need_grad=True) for _ in range(2))
x.grad.zero()
F.atan2(x, y).backward(1)
assert abs(x.g[0] / 5e-21 - 1) < 1e-5, x.g
