"""The gradient of digamma at infinity is nan and not 0, and at minus infinity it is infinite, where PyTorch gives nan."""

import mindspore
import numpy as np

x = mindspore.Tensor(np.array([np.inf, -np.inf]))
g = mindspore.grad(lambda x: mindspore.ops.digamma(x).sum())(x).asnumpy()
assert np.array_equal(g, [0.0, np.nan], equal_nan=True), g
