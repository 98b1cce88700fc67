"""With grad_req="add" the gradient of linalg.inv stays 0; with "write" it is -1 for the inverse of 1."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.ones((1, 1))
x.attach_grad("add")
with mx.autograd.record():
    y = mx.np.linalg.inv(x)
y.backward()
assert x.grad.item() == -1.0, x.grad
