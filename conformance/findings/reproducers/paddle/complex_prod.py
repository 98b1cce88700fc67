"""The gradient of a complex product is not conjugated: those of i in (i, 2) are wrong."""

import paddle

z = paddle.to_tensor([1 + 1j, 2 + 1j], stop_gradient=False)
w = paddle.prod(z)
(g,) = paddle.grad([w], [z], [paddle.to_tensor(1 + 0j)])
assert abs(g.numpy()[0] - (2 - 1j)) < 1e-5, g.numpy()
