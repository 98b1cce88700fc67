"""clamp of nan is its lower bound; PyTorch keeps nan."""

import mindspore as ms
import numpy as np
from mindspore import ops

ms.set_context(mode=ms.PYNATIVE_MODE)
y = ops.clamp(ms.Tensor(np.array([np.nan])), -1.0, 1.0).asnumpy()[0]
assert np.isnan(y), y
