"""The gradient of digamma at infinity is nan; it is 0."""

import paddle

x = paddle.to_tensor([float("inf")], stop_gradient=False)
paddle.digamma(x).sum().backward()
assert x.grad.item() == 0.0, x.grad.item()
