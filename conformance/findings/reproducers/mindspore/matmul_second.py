"""The derivative of matmul's gradient by the other factor is 0; that of mm is right: 4."""

import mindspore
import numpy as np
from mindspore import ops

x = mindspore.Tensor(np.array([[1.0, 2.0], [3.0, 4.0]]))
found = []
for product in (ops.mm, ops.matmul):
    first = mindspore.grad(lambda a, b, product=product: product(a, b).sum())
    found.append(mindspore.grad(lambda b, first=first: first(x, b).sum())(x).asnumpy().tolist())
assert found[0] == found[1], found
