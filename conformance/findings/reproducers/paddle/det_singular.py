"""The gradient of det at a singular matrix is 0; it is the matrix of cofactors, here [[4, -2], [-2, 1]]."""

import paddle

x = paddle.to_tensor([[1.0, 2.0], [2.0, 4.0]], stop_gradient=False)
paddle.linalg.det(x).backward()
assert x.grad.round(3).tolist() == [[4.0, -2.0], [-2.0, 1.0]], x.grad
