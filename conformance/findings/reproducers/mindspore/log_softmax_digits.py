"""log_softmax has six right digits, of float64 too: at [1, 2] it is wrong by 1.8e-6."""

import mindspore
from mindspore import ops

y = ops.log_softmax(mindspore.Tensor([1.0, 2.0], mindspore.float64), axis=0).asnumpy()
assert abs(y[0] + 1.3132616875182228) < 1e-13, y[0] + 1.3132616875182228
