"""The gradient of digamma at 1e200 is 0, since x ** -2 underflows in zeta; it is 1e-200."""

import paddle

x = paddle.to_tensor(1e200, dtype="float64", stop_gradient=False)
paddle.digamma(x).backward()
assert abs(x.grad.item() / 1e-200 - 1) < 1e-12, x.grad.item()
