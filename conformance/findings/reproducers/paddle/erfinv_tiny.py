"""erfinv of 1e-20 is 0; it is 8.86e-21."""

import paddle

y = paddle.erfinv(paddle.to_tensor([1e-20])).item()
assert abs(y / 8.862269e-21 - 1) < 1e-3, y
