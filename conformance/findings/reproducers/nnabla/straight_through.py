"""The gradients of ceil, floor, round and sign are 1, as documented: straight-through estimators; PyTorch's are 0."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.array([0.3], np.float32), need_grad=True)
x.grad.zero()
F.floor(x).backward(1)
assert x.g[0] == 0.0, x.g
