"""The gradient of cummax and cummin of a number without dimensions raises; it is the cotangent."""

import paddle

x = paddle.to_tensor(2.0, stop_gradient=False)
try:
    paddle.cummax(x, 0)[0].backward()
    found = x.grad.item()
except IndexError as error:
    found = str(error)[-90:]
assert found == 1.0, found
