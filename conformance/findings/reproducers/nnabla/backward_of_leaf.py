"""backward of a variable that nothing made raises; its gradient is the cotangent."""

import nnabla as nn
import numpy as np

x = nn.Variable.from_numpy_array(np.array([2.0], np.float32), need_grad=True)
x.grad.zero()
try:
    x.backward(1)
    found = x.g.tolist()
except RuntimeError as error:
    found = str(error)[-90:]
assert found == [1.0], found
