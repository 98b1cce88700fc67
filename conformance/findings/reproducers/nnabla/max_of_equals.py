"""The gradient of max goes to one of several equal numbers; PyTorch documents for amax that each has its share."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.array([1.0, 1.0], np.float32), need_grad=True)
x.grad.zero()
F.max(x).backward(1)
assert x.g.tolist() == [0.5, 0.5], x.g
