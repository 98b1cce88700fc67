"""softsign of complex numbers is pulled back as if it were holomorphic: that of the imaginary part at 3 + 4i is wrong."""

import paddle

z = paddle.to_tensor([3 + 4j], stop_gradient=False)
y = paddle.nn.functional.softsign(z)
(g,) = paddle.grad([y], [z], [paddle.to_tensor([1j])])
slope = 1 / 6 - 4 * 4 / 5 / 36  # of y / (1 + abs(x + i y)) in y
assert abs(g.numpy()[0].imag - slope) < 1e-5, g.numpy()
