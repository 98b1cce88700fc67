"""elu and celu are computed as exp(x) - 1: elu(-1e-20) is 0, and it is -1e-20."""

import paddle
import paddle.nn.functional as F

y = F.elu(paddle.to_tensor([-1e-20])).numpy()[0]
assert y != 0, y
