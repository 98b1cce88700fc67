"""leaky_relu of float64 rounds its slope to float32: 0.01 * -1 is -0.00999999977."""

import mindspore
import numpy as np

y = mindspore.ops.leaky_relu(mindspore.Tensor(np.array([-1.0])), 0.01).item()
assert abs(y + 0.01) < 1e-15, y
