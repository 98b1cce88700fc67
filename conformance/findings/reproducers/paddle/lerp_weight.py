"""The gradient of lerp reaches its weight never: it is y - x, here 2, and .grad is None."""

import paddle

x, y, w = (paddle.to_tensor(v, stop_gradient=False) for v in (1.0, 3.0, 0.5))
paddle.lerp(x, y, w).backward()
assert w.grad is not None, w.grad
