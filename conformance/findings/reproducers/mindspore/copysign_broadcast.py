"""copysign raises where its second operand has more dimensions; "Support broadcasting", its documentation says."""

import mindspore
import numpy as np

x, other = mindspore.Tensor(np.array([1.0, 2.0, 3.0])), mindspore.Tensor(-np.ones((2, 3)))
try:
    found = mindspore.ops.copysign(x, other).asnumpy().tolist()
except ValueError as error:
    found = str(error)[:70]
assert found == [[-1.0, -2.0, -3.0]] * 2, found
