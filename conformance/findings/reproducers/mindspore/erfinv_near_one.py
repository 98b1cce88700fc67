"""erfinv of float64 near 1 has one right digit: that of 0.999 is 2.3267537655."""

import mindspore
from mindspore import ops

mindspore.set_device("CPU")
y = float(ops.erfinv(mindspore.Tensor([0.999], mindspore.float64)).asnumpy()[0])
assert abs(y - 2.3267537655135246) < 1e-12, y
