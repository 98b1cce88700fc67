"""The gradient of digamma at -infinity is inf, by SciPy; digamma has a pole at every integer below, and PyTorch gives nan."""

import chainer
import chainer.functions as F
import numpy as np

x = chainer.Variable(np.array([-np.inf]))
F.sum(F.digamma(x)).backward()
assert np.isnan(x.grad[0]), x.grad
