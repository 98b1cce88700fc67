"""The gradients of hardswish at -3 and 3 are -0.5 and 1.5; PyTorch documents those from outside, 0 and 1."""

import mindspore as ms
import numpy as np
from mindspore import ops

ms.set_context(mode=ms.PYNATIVE_MODE)
g = ms.grad(lambda x: ops.hardswish(x).sum())(ms.Tensor(np.array([-3.0, 3.0], np.float32))).asnumpy()
assert g.tolist() == [0.0, 1.0], g
