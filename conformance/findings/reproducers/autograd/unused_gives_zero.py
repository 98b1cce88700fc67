"""The gradient of an input that is not used is zeros; PyTorch gives None with allow_unused."""

import autograd.numpy as np
from autograd import grad

g = grad(lambda x, y: np.sum(x))(np.ones(2), np.ones(2))
h = grad(lambda x, y: np.sum(x), argnum=1)(np.ones(2), np.ones(2))
assert h is None, h
