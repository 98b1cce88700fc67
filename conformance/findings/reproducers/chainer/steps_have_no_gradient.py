"""ceil, floor and fix cut the graph, and leave no gradient; PyTorch documents zeros."""

import chainer
import chainer.functions as F
import numpy as np

x = chainer.Variable(np.array([0.5]))
F.sum(F.floor(x)).backward()
assert x.grad is not None, x.grad
