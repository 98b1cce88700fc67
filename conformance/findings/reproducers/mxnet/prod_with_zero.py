"""The gradient of prod with a zero among the factors is nan; it is the product of the others, here [6, 0, 0]."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([0.0, 2.0, 3.0])
x.attach_grad()
with mx.autograd.record():
    y = mx.np.prod(x)
y.backward()
assert x.grad.tolist() == [6.0, 0.0, 0.0], x.grad
