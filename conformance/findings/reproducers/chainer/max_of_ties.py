"""The gradient of max gives every tied element the whole: those of max(1, 1) are 1 and 1, and do not add up to 1."""

import chainer
import chainer.functions as F
import numpy as np

x = chainer.Variable(np.array([1.0, 1.0]))
F.max(x).backward()
assert x.grad.sum() == 1.0, x.grad
