"""inverse, det and slogdet of a matrix of one element or none raise, "the row size must be greater than or equal to 2"."""

import mindspore
import numpy as np
from mindspore import ops

found = []
for f in (ops.inverse, ops.det, lambda x: ops.slogdet(x)[1]):
    try:
        found.append(f(mindspore.Tensor(np.array([[1.0]]))).item())
    except ValueError as error:
        found.append(str(error)[:60])
assert found == [1.0, 1.0, 0.0], found
