"""The gradient of an operand that is broadcast to nothing is what the memory held; an empty sum is 0."""

import mindspore
import numpy as np

x, y = mindspore.Tensor(np.zeros((0, 3))), mindspore.Tensor(np.array([[1.0, 2.0, 3.0]]))
g = mindspore.grad(lambda y: mindspore.ops.pow(x, y).sum())(y).asnumpy()
assert not g.any(), g
