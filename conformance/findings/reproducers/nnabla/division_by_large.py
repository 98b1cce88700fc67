"""The gradient of -1e30 / y in y at 1e20 is 0, since y * y overflows; it is 1e30 / y / y = 1e-10."""

import nnabla as nn
import numpy as np

nn.set_auto_forward(True)
x, y = (nn.Variable.from_numpy_array(np.array([v], np.float32), need_grad=True) for v in (-1e30, 1e20))
y.grad.zero()
(x / y).backward(1)
assert abs(y.g[0] / 1e-10 - 1) < 1e-5, y.g
