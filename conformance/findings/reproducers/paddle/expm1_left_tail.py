"""The gradient of expm1 is computed as expm1(x) + 1: at -50 it is 0 instead of exp(-50)."""

import paddle

x = paddle.to_tensor(-50.0, dtype="float64", stop_gradient=False)
paddle.expm1(x).backward()
assert abs(x.grad.item() / 1.9287498479639178e-22 - 1) < 1e-10, x.grad.item()
