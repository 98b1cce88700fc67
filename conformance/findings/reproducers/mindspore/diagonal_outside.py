"""The gradient of diagonal beyond the corner of a matrix raises, "Input device address is null"; it is 0."""

import mindspore
import numpy as np

try:
    x = mindspore.Tensor(np.ones((2, 2)))
    found = mindspore.grad(lambda x: mindspore.ops.diagonal(x, 5).sum())(x).asnumpy().tolist()
except RuntimeError as error:
    found = str(error)[:60]
assert found == [[0.0, 0.0], [0.0, 0.0]], found
