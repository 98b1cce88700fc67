"""The gradient of det at a singular matrix is 0; it is the matrix of cofactors, here [[4, -2], [-2, 1]]."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([[1.0, 2.0], [2.0, 4.0]])
x.attach_grad()
with mx.autograd.record():
    y = mx.np.linalg.det(x)
y.backward()
assert x.grad.asnumpy().round(3).tolist() == [[4.0, -2.0], [-2.0, 1.0]], x.grad
