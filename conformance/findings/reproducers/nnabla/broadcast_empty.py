"""Adding arrays of the shapes (0, 3) and (1, 3) raises; by the rules of broadcasting the sum has the shape (0, 3)."""

import nnabla as nn
import nnabla.functions as F

nn.set_auto_forward(True)
try:
    found = F.add2(nn.Variable((0, 3)), nn.Variable((1, 3))).shape
except RuntimeError as error:
    found = str(error)[-150:]
assert found == (0, 3), found
