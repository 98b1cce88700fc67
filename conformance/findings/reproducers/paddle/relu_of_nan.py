"""relu of nan is 0; PyTorch keeps nan."""

import math

import paddle

y = paddle.nn.functional.relu(paddle.to_tensor([math.nan])).item()
assert math.isnan(y), y
