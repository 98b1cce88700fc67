"""The gradient of hard_tanh at 1 is 1; PyTorch documents 0, that from outside. That of clip_by_value at its bounds is 0, not 1."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.array([1.0], np.float32), need_grad=True)
x.grad.zero()
F.hard_tanh(x).backward(1)
assert x.g[0] == 0.0, x.g
