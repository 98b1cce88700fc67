"""The gradient of a complex power conjugates the cotangent too: that of z ** 2 at 1 + 1i with i is -2 - 2i, not 2 + 2i."""

import paddle

z = paddle.to_tensor([1 + 1j], stop_gradient=False)
y = paddle.pow(z, paddle.to_tensor([2 + 0j]))
(g,) = paddle.grad([y], [z], [paddle.to_tensor([1j])])
(h,) = paddle.grad([z * z], [z], [paddle.to_tensor([1j])])
assert abs(g.numpy()[0] - h.numpy()[0]) < 1e-5, (g.numpy(), h.numpy())
