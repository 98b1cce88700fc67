"""The gradient of the bias of fully_connected is 0 where the weight is constant; it is the sum of the cotangents, 2."""

import mxnet as mx

mx.npx.set_np()
x, w, b = mx.np.ones((2, 3)), mx.np.ones((2, 3)), mx.np.zeros(2)
x.attach_grad()
b.attach_grad()
with mx.autograd.record():
    y = mx.npx.fully_connected(x, w, b, num_hidden=2)
y.backward()
assert b.grad.tolist() == [2.0, 2.0], b.grad
