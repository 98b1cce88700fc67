"""softplus at -36.4 is 0, and log_sigmoid at 17 too: 1 + exp(x) is rounded; it is exp(-36.4) = 1.57e-16."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
y = F.softplus(nn.Variable.from_numpy_array(np.array([-36.388992], np.float32))).d[0]
assert abs(y / 1.572194e-16 - 1) < 1e-3, y
