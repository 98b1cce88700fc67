"""The gradient of atan2 at (1e200, 1e200) is 0, since squares overflow; it is (5e-201, -5e-201)."""

import paddle

x = paddle.to_tensor(1e200, dtype="float64", stop_gradient=False)
paddle.atan2(x, paddle.to_tensor(1e200, dtype="float64")).backward()
assert abs(x.grad.item() / 5e-201 - 1) < 1e-12, x.grad.item()
