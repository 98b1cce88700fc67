"""mish of 1e10 is nan, and of infinity too; it is 1e10, and in float64 mish has seven right digits."""

import mindspore as ms
import numpy as np
from mindspore import ops

ms.set_context(mode=ms.PYNATIVE_MODE)
y = ops.mish(ms.Tensor(np.array([1e10]))).asnumpy()[0]
assert abs(y / 1e10 - 1) < 1e-6, y
