"""The gradient of std of equal numbers is nan; PyTorch documents 0, the subgradient of least norm."""

import mindspore as ms
import numpy as np
from mindspore import ops

ms.set_context(mode=ms.PYNATIVE_MODE)
g = ms.grad(lambda x: ops.std(x))(ms.Tensor(np.ones(3, np.float32))).asnumpy()
assert (g == 0).all(), g
