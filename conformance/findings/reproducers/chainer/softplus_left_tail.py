"""The gradient of softplus at -50 is 0; it is exp(-50) = 1.9e-22."""

import chainer
import chainer.functions as F
import numpy as np

x = chainer.Variable(np.array([-50.0]))
F.sum(F.softplus(x)).backward()
assert abs(x.grad[0] / np.exp(-50.0) - 1) < 1e-6, x.grad
