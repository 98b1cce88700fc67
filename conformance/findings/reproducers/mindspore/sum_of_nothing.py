"""The sum of nothing is whatever the memory held, and so are losses of nothing and gradients that sum nothing; prod alike."""

import mindspore
import numpy as np

x, found = mindspore.Tensor(np.zeros((0, 3))), set()
for k in range(50):
    (mindspore.Tensor(np.full(3, k + 1.5)) * 2).asnumpy()  # something for the memory to hold
    found.add((*mindspore.ops.sum(x, 0).asnumpy().tolist(), *mindspore.ops.prod(x, 0).asnumpy().tolist()))
assert found == {(0.0, 0.0, 0.0, 1.0, 1.0, 1.0)}, found
