"""hardshrink keeps the threshold itself: its page says 0 unless x > 0.5 or x < -0.5, and hardshrink(0.5) is 0.5."""

import paddle

y = paddle.nn.functional.hardshrink(paddle.to_tensor(0.5)).item()
assert y == 0, y
