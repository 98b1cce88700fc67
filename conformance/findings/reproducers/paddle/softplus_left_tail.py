"""softplus at -36 is 0, since 1 + exp(x) is rounded; it is exp(-36) = 2.32e-16."""

import math

import paddle

y = paddle.nn.functional.softplus(paddle.to_tensor([-36.0])).item()
assert abs(y / math.exp(-36) - 1) < 1e-3, y
