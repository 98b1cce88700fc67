"""The gradient of leaky_relu at 0 is 1; PyTorch documents the slope, 0.125, the subgradient of least norm."""

import paddle
import paddle.nn.functional as F

x = paddle.to_tensor([0.0], stop_gradient=False)
F.leaky_relu(x, 0.125).backward()
assert x.grad.numpy()[0] == 0.125, x.grad
