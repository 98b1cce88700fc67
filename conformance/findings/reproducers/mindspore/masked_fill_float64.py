"""masked_fill of a float64 tensor rounds the number to float32: 0.1 arrives as 0.10000000149."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
x, mask = mindspore.Tensor([1.0], mindspore.float64), mindspore.Tensor([True])
y = float(ops.masked_fill(x, mask, 0.1).asnumpy()[0])
assert y == 0.1, y
