"""The gradient of logsigmoid at -1000 is nan; it is 1."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
g = mindspore.grad(ops.logsigmoid)(mindspore.Tensor([-1000.0], mindspore.float32)).asnumpy()
assert g[0] == 1, g
