"""hypot(1e200, 1e200) is infinite and its gradient 0, since squares overflow; they are 1.41e200 and 0.7071."""

import paddle

x = paddle.to_tensor(1e200, dtype="float64", stop_gradient=False)
paddle.hypot(x, paddle.to_tensor(1e200, dtype="float64")).backward()
assert abs(x.grad.item() - 0.5**0.5) < 1e-12, x.grad.item()
