"""The gradient of x ** 0 at 0 is nan; the function is constant, and it is 0."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
g = mindspore.grad(lambda x: ops.pow(x, 0.0))(mindspore.Tensor([0.0], mindspore.float32)).asnumpy()
assert g[0] == 0, g
