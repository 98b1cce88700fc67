"""The gradient of log_sigmoid at -infinity is nan; it is 1."""

import paddle

x = paddle.to_tensor([-float("inf")], stop_gradient=False)
paddle.nn.functional.log_sigmoid(x).backward()
assert x.grad.item() == 1, x.grad
