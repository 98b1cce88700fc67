"""copysign of float32 and float64 is float32; what other operators make of the two, atan2 say, is float64."""

import mindspore
import numpy as np
from mindspore import ops

x, other = mindspore.Tensor(np.array([1.0], np.float32)), mindspore.Tensor(np.array([-1.0]))
found = ops.copysign(x, other).dtype
assert found == ops.atan2(x, other).dtype, found
