"""The gradient of a matrix norm of order inf or 2 has the cotangent squared: with 3 for the norm of [[1]] it is 9, not 3."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.ones((1, 1))
x.attach_grad()
with mx.autograd.record():
    y = mx.np.linalg.norm(x, mx.np.inf, (0, 1))
y.backward(mx.np.array(3.0))
assert x.grad.item() == 3.0, x.grad
