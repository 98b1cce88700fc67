"""The backward of matmul raises where both operands are broadcast: shapes (2, 1, 2, 3) and (4, 3, 2)."""

import paddle

a, b = paddle.ones([2, 1, 2, 3]), paddle.ones([4, 3, 2])
a.stop_gradient = b.stop_gradient = False
try:
    paddle.matmul(a, b).sum().backward()
    raised = None
except ValueError as error:
    raised = str(error)[-300:]
assert raised is None, raised
