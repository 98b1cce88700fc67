"""sign of nan is nan, as in NumPy; PyTorch documents 0."""

import math

import paddle

y = paddle.sign(paddle.to_tensor([math.nan])).item()
assert y == 0.0, y
