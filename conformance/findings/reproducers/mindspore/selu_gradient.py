"""The gradient of selu at -1 is -0.117; it is 1.0507 * 1.6733 * exp(-1) = 0.6468."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
g = mindspore.grad(ops.selu)(mindspore.Tensor([-1.0], mindspore.float32)).asnumpy()
assert abs(g[0] - 0.6467686) < 1e-5, g
