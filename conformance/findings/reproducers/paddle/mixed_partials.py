"""The second gradient of x ** 2 * y ** 3, first in x and then in y, raises "DX can not be nullptr"; at (2, 3) it is 108."""

import paddle

x, y = paddle.to_tensor(2.0, stop_gradient=False), paddle.to_tensor(3.0, stop_gradient=False)
(gx,) = paddle.grad(x**2 * y**3, [x], create_graph=True)
try:
    found = paddle.grad(gx, [y])[0].item()
except RuntimeError as error:
    found = str(error)[-200:]
assert found == 108.0, found
