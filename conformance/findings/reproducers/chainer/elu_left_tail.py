"""The gradients of elu and selu are computed from their outputs: elu' at -50 is 0 instead of exp(-50)."""

import chainer
import chainer.functions as F
import numpy as np

x = chainer.Variable(np.array([-50.0]))
F.sum(F.elu(x)).backward()
assert abs(x.grad[0] / np.exp(-50.0) - 1) < 1e-6, x.grad
