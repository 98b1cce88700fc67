"""The slope of hardsigmoid is 0.1666667, seven digits of 1/6, also in float64."""

import paddle

x = paddle.to_tensor(0.0, dtype="float64", stop_gradient=False)
paddle.nn.functional.hardsigmoid(x).backward()
assert abs(x.grad.item() - 1 / 6) < 1e-15, x.grad.item()
