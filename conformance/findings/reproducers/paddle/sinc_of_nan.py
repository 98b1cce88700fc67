"""sinc of nan and of infinity is 1; it is nan, and 0 in the limit."""

import math

import paddle

y = paddle.sinc(paddle.to_tensor([math.nan])).numpy()[0]
assert math.isnan(y), y
