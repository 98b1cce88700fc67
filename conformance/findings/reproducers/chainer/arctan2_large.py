"""The gradient of arctan2 at (1e200, 1e200) is 0, since squares overflow; it is (5e-201, -5e-201)."""

import chainer
import chainer.functions as F
import numpy as np

x, y = chainer.Variable(np.array([1e200])), chainer.Variable(np.array([1e200]))
with np.errstate(all="ignore"):
    F.sum(F.arctan2(x, y)).backward()
assert abs(x.grad[0] / 5e-201 - 1) < 1e-12, x.grad
