"""sigmoid is computed by tanh and is 0 at -40; it is exp(-40) = 4.2e-18."""

import chainer.functions as F
import numpy as np

y = F.sigmoid(np.array([-40.0])).array[0]
assert abs(y / np.exp(-40.0) - 1) < 1e-6, y
