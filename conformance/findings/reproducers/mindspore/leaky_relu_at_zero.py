"""The gradient of leaky_relu at 0 is the mean of both slopes; PyTorch documents the lower one, 0.25."""

import mindspore as ms
import numpy as np
from mindspore import ops

ms.set_context(mode=ms.PYNATIVE_MODE)
g = ms.grad(lambda x: ops.leaky_relu(x, 0.25).sum())(ms.Tensor(np.array([0.0], np.float32))).asnumpy()
assert g[0] == 0.25, g
