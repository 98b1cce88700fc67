"""The gradient of sort goes to the wrong elements: for [3, 1, 2] and cotangents 1, 2, 4 it is [4, 1, 2]."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.array([3.0, 1.0, 2.0], np.float32), need_grad=True)
x.grad.zero()
F.sort(x).backward(np.array([1.0, 2.0, 4.0]))
assert x.g.tolist() == [4.0, 1.0, 2.0], x.g
