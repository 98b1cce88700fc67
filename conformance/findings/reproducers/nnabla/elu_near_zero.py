"""elu and selu just below 0 are exp(x) - 1, without digits: at -1e-10 elu is 0."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
y = F.elu(nn.Variable.from_numpy_array(np.array([-1e-10], np.float32)), 1.0).d[0]
assert abs(y / -1e-10 - 1) < 1e-5, y
