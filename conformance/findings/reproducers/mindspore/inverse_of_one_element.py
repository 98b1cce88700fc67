"""The inverse of a 1 x 1 matrix raises; it is the reciprocal."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
try:
    y = ops.inverse(mindspore.Tensor([[2.0]], mindspore.float32)).asnumpy().item()
except ValueError as error:
    y = error
assert y == 0.5, y
