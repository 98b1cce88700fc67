"""The second derivatives of logsumexp lack a term: at (1, 2) the first is 0.269, and it is 0.269 * 0.731 = 0.197."""

import mindspore as ms
import numpy as np
from mindspore import ops

ms.set_context(mode=ms.PYNATIVE_MODE)
first = lambda x: ms.grad(lambda x: ops.logsumexp(x, 0))(x)  # noqa: E731
_, pull_back = ms.vjp(first, ms.Tensor(np.array([1.0, 2.0])))
g = pull_back(ms.Tensor(np.array([1.0, 0.0])))[0].asnumpy()
assert abs(g[0] - 0.19661193324148185) < 1e-6, g
