"""grad refuses a tensor that is asked for twice: inputs contain duplicate tensor; each has the gradient."""

import paddle

x = paddle.to_tensor([3.0], stop_gradient=False)
try:
    found = len(paddle.grad([x * x], [x, x]))
except RuntimeError as error:
    found = error
assert found == 2, found
