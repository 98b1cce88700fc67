"""round of -0.5 is -1, away from zero; PyTorch documents that halves go to the even neighbour, here 0."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
y = F.round(nn.Variable.from_numpy_array(np.array([-0.5], np.float32))).d[0]
assert y == 0.0, y
