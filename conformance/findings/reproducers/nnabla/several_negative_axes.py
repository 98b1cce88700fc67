"""sum, mean, max and their like over several axes, one counted from the end, raise; over (0, 1) they come out."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.ones((2, 3), np.float32))
try:
    found = float(F.sum(x, axis=(0, -1)).d)
except RuntimeError as error:
    found = str(error)[-150:]
assert found == 6.0, found
