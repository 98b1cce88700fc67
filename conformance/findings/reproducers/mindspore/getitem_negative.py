"""The gradient of x[i] is lost where the numbers in the tensor i count from the end: of x[[-1]].sum() it is (0, 0, 1)."""

import mindspore
import numpy as np

place = mindspore.Tensor(np.array([-1]))
g = mindspore.grad(lambda x: x[place].sum())(mindspore.Tensor(np.ones(3))).asnumpy().tolist()
assert g == [0.0, 0.0, 1.0], g
