"""rad2deg of 3e36 in float32 is infinite, since it is multiplied by 180 before it is divided by pi; it is 1.719e38."""

import mindspore
from mindspore import ops

y = ops.rad2deg(mindspore.Tensor([3e36], mindspore.float32)).asnumpy()
assert abs(y[0] / 1.7188734e38 - 1) < 1e-5, y
