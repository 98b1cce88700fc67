"""The gradient of mish at 100 is nan; it is 1."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.array([100.0], np.float32), need_grad=True)
x.grad.zero()
F.mish(x).backward(1)
assert x.g[0] == 1.0, x.g
