"""kl_div and binary_cross_entropy cut their targets from the graph, whose gradient is then None; PyTorch has it."""

import paddle
import paddle.nn.functional as F

x, y = paddle.to_tensor([0.2]), paddle.to_tensor([0.4])
x.stop_gradient = y.stop_gradient = False
F.kl_div(x, y, reduction="sum").backward()
assert y.grad is not None, y.grad
