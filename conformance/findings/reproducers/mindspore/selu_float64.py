"""selu of float64 has seven right digits: at -1 it is -1.1113307378125625."""

import mindspore
import numpy as np

y = mindspore.ops.selu(mindspore.Tensor(np.array([-1.0]))).item()
assert abs(y + 1.1113307378125625) < 1e-15, y
