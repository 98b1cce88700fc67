"""The gradient of norm at zero is nan; PyTorch documents 0, the subgradient of least norm."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.zeros(2, np.float32), need_grad=True)
x.grad.zero()
F.norm(x, 2).backward(1)
assert x.g.tolist() == [0.0, 0.0], x.g
