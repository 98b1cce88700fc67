"""var of float64 is computed in float32: that of 1, 2, 4.1 is wrong by 2.2e-7."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
y = float(ops.var(mindspore.Tensor([1.0, 2.0, 4.1], mindspore.float64)).asnumpy())
assert abs(y - 1.6688888888888884) < 1e-13, y - 1.6688888888888884
