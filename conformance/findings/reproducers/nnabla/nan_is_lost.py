"""clip_by_value, maximum2, minimum2 and relu of nan give the other number; PyTorch documents nan."""

import nnabla as nn
import nnabla.functions as F
import numpy as np

nn.set_auto_forward(True)
x = nn.Variable.from_numpy_array(np.array([np.nan], np.float32))
y = nn.Variable.from_numpy_array(np.array([1.0], np.float32))
assert np.isnan(F.maximum2(x, y).d[0]), F.maximum2(x, y).d
