"""The gradient of celu at 1000 is nan, from the branch not taken; it is 1."""

import paddle

x = paddle.to_tensor(1000.0, stop_gradient=False)
paddle.nn.functional.celu(x).backward()
assert x.grad.item() == 1, x.grad
