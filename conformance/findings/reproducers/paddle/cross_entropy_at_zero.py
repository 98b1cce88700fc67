"""The gradient of binary_cross_entropy_with_logits at 0 is -0.75 for the label 0.25; it is sigmoid(0) - 0.25 = 0.25."""

import paddle
from paddle.nn.functional import binary_cross_entropy_with_logits as loss

x, label = paddle.to_tensor([0.0], stop_gradient=False), paddle.to_tensor([0.25], stop_gradient=False)
loss(x, label).backward()
assert abs(x.grad.item() - 0.25) < 1e-6, x.grad.item()
