"""The second derivative of the square of a sum, mean, amax, tile, inner or kron is 0, and is wrong of prod and logsumexp."""

import mindspore
import numpy as np
from mindspore import ops

x, along = mindspore.Tensor(np.array([4.0, 1.0, 2.0])), mindspore.Tensor(np.array([1.0, 0.0, 0.0]))
squared = [lambda x, f=f: f(x, 0) ** 2 for f in (ops.sum, ops.mean, ops.amax, ops.prod, ops.logsumexp)]
squared += [lambda x, f=f: f(x, x) ** 2 for f in (ops.inner, ops.kron)]
squared += [lambda x: ops.tile(x, (2,)) ** 2]
found = []
for f in squared:
    pull_back = mindspore.vjp(mindspore.grad(lambda x, f=f: f(x).sum()), x)[1]
    found += [round(pull_back(along)[0].asnumpy()[0].item(), 3)]
assert found == [2.0, 0.222, 2.0, 8.0, 2.523, 212.0, 212.0, 4.0], found
