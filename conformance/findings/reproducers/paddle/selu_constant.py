"""The constants of selu are float32's also in float64: selu(1) is wrong by 3.5e-8."""

import paddle

y = paddle.nn.functional.selu(paddle.to_tensor(1.0, dtype="float64")).item()
assert abs(y - 1.0507009873554805) < 1e-14, y
