"""The gradient of digamma at 1e25 in float32 is 0, since x ** -2 underflows in zeta; it is 1e-25."""

import mindspore
from mindspore import ops

g = mindspore.grad(ops.digamma)(mindspore.Tensor([1e25], mindspore.float32)).asnumpy()
assert abs(g[0] / 1e-25 - 1) < 1e-5, g
