"""softplus at 20.5 is log(1 + exp(20.5)); PyTorch documents a straight line above 20, and 20.5."""

import chainer.functions as F
import numpy as np

y = F.softplus(np.array([20.5])).array[0]
assert y == 20.5, y
