"""The gradient of cumprod with a zero is nan; that of the zero is 1 + 2 + 2 * 3 = 9, and 0 for the others."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
g = mindspore.grad(lambda x: ops.cumprod(x, 0).sum())(mindspore.Tensor([0.0, 2.0, 3.0], mindspore.float32)).asnumpy()
assert g.tolist() == [9.0, 0.0, 0.0], g
