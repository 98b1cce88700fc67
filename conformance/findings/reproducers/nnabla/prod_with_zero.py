"""The gradient of prod with a zero among the factors is 0; it is the product of the others, here [6, 0, 0]."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.array([0.0, 2.0, 3.0], np.float32), need_grad=True)
x.grad.zero()
F.prod(x).backward(1)
assert x.g.tolist() == [6.0, 0.0, 0.0], x.g
