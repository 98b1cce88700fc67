"""The gradient of bessel_i1 at 0 is 1; i1(x) = x / 2 + x**3 / 16 + …, and it is 0.5."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
g = mindspore.grad(ops.bessel_i1)(mindspore.Tensor([0.0], mindspore.float32)).asnumpy()
assert g[0] == 0.5, g
