"""The gradient of det at a singular matrix is 0; it is the matrix of cofactors, here [[4, -2], [-2, 1]]."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
g = mindspore.grad(ops.det)(mindspore.Tensor([[1.0, 2.0], [2.0, 4.0]], mindspore.float32)).asnumpy()
assert g.round(3).tolist() == [[4.0, -2.0], [-2.0, 1.0]], g
