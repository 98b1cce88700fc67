"""concatenate of one array raises, and asks for two; the result is that array."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
try:
    found = F.concatenate(nn.Variable.from_numpy_array(np.ones(2, np.float32)), axis=0).d.tolist()
except RuntimeError as error:
    found = str(error)[-150:]
assert found == [1.0, 1.0], found
