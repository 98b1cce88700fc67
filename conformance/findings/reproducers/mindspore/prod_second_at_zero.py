"""The second derivative of prod at a zero is 0: at (0, 3, 4) along the first number it is (0, 4, 3)."""

import mindspore
import numpy as np

first = mindspore.grad(lambda x: mindspore.ops.prod(x, 0, True).sum())
_, pull_back = mindspore.vjp(first, mindspore.Tensor(np.array([0.0, 3.0, 4.0])))
g = pull_back(mindspore.Tensor(np.array([1.0, 0.0, 0.0])))[0].asnumpy().tolist()
assert g == [0.0, 4.0, 3.0], g
