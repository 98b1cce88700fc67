"""The second derivatives of slogdet and det come transposed: at [[1, 2], [0, 1]] along the entry (0, 1), -1 stands at (1, 0)."""

import mindspore
import numpy as np
from mindspore import ops

x, along = mindspore.Tensor(np.array([[1.0, 2.0], [0.0, 1.0]])), mindspore.Tensor(np.array([[0.0, 1.0], [0.0, 0.0]]))
gradients = (mindspore.grad(lambda x: ops.slogdet(x)[1]), mindspore.grad(ops.det))
found = [mindspore.vjp(g, x)[1](along)[0].asnumpy().tolist() for g in gradients]
assert found[0] == [[0.0, 0.0], [-1.0, 0.0]], found
