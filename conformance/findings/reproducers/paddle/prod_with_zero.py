"""The gradient of prod with a zero among the factors is nan; it is the product of the others, here [6, 0, 0]."""

import paddle

x = paddle.to_tensor([0.0, 2.0, 3.0], stop_gradient=False)
paddle.prod(x).backward()
assert x.grad.tolist() == [6.0, 0.0, 0.0], x.grad
