"""maximum, minimum, relu and softshrink give a number where they are given nan; PyTorch keeps nan."""

import mindspore
import numpy as np
from mindspore import ops

x, one = (mindspore.Tensor(np.array([v], np.float32)) for v in (np.nan, 1.0))
found = [y.item() for y in (ops.maximum(x, one), ops.minimum(x, one), ops.relu(x), ops.softshrink(x))]
assert np.isnan(found).all(), found
