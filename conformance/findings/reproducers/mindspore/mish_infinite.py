"""mish of infinity is nan; it is infinity, and in float64 mish has seven right digits."""

import mindspore as ms
import numpy as np
from mindspore import ops

ms.set_context(mode=ms.PYNATIVE_MODE)
y = ops.mish(ms.Tensor(np.array([np.inf]))).asnumpy()[0]
assert y == np.inf, y
