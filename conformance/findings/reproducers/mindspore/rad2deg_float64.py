"""rad2deg and deg2rad of float64 have eight right digits."""

import mindspore as ms
import numpy as np
from mindspore import ops

ms.set_context(mode=ms.PYNATIVE_MODE)
y = ops.rad2deg(ms.Tensor(np.array([1.0]))).asnumpy()[0]
assert abs(y - np.rad2deg(1.0)) < 1e-12, y
