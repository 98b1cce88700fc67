"""A nan that comes in reaches elements of relu that are not active, as 0 * nan; PyTorch masks it, and gives 0."""

import paddle

x = paddle.to_tensor([-1.0], stop_gradient=False)
y = paddle.nn.functional.relu(x)
(g,) = paddle.grad([y], [x], [paddle.to_tensor([float("nan")])])
assert g.numpy()[0] == 0, g
