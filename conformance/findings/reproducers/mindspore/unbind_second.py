"""The gradient of unbind is what its cotangents make when stacked; the derivative of that along t is t, not the cotangents."""

import mindspore
import numpy as np

x, t = mindspore.Tensor(np.zeros((2, 2))), mindspore.Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))
ones = mindspore.Tensor(np.ones(2))
_, pull_back = mindspore.vjp(lambda c, d: mindspore.vjp(mindspore.ops.unbind, x)[1](c, d)[0], ones, ones)
found = [g.asnumpy().tolist() for g in pull_back(t)]
assert found == t.asnumpy().tolist(), found
