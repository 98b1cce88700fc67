"""The gradient of an input from which nothing was made is 0; PyTorch documents None."""

import mindspore
import numpy as np

x, y = mindspore.Tensor(np.array([3.0])), mindspore.Tensor(np.array([3.0]))
g = mindspore.grad(lambda x, y: x * x, (0, 1))(x, y)[1]
assert g is None, g
