"""The gradient of silu at -1000 is nan; it is 0."""

import paddle

x = paddle.to_tensor(-1000.0, stop_gradient=False)
paddle.nn.functional.silu(x).backward()
assert x.grad.item() == 0, x.grad
