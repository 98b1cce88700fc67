"""The gradient of std of equal numbers is nan; PyTorch documents 0, the subgradient of least norm."""

import paddle

x = paddle.ones([3])
x.stop_gradient = False
paddle.std(x).backward()
assert (x.grad.numpy() == 0).all(), x.grad
