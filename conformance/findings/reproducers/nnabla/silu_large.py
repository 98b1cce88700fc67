"""The gradient of swish at 1e20 is 0 or nan, from infinity times 0; it is 1."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.array([3e38], np.float32), need_grad=True)
x.grad.zero()
F.swish(x).backward(1)
assert x.g[0] == 1.0, x.g
