"""The gradients of asinh and acosh at 1e20 are 0, since the square overflows; they are 1e-20."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
for f in (F.asinh, F.acosh):
    x = nn.Variable.from_numpy_array(np.array([1e20], np.float32), need_grad=True)
    x.grad.zero()
    f(x).backward(1)
    assert abs(x.g[0] / 1e-20 - 1) < 1e-5, (f, x.g)
