"""tile with 0 repetitions raises; the result is empty."""

import nnabla as nn
import nnabla.functions as F

nn.set_auto_forward(True)
try:
    found = F.tile(nn.Variable((3,)), [0]).shape
except RuntimeError as error:
    found = str(error)[-150:]
assert found == (0,), found
