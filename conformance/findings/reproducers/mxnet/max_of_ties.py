"""The gradient of max gives every tied element the whole: those of max(1, 1) are 1 and 1, and do not add up to 1."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([1.0, 1.0])
x.attach_grad()
with mx.autograd.record():
    y = mx.np.max(x)
y.backward()
assert x.grad.sum().item() == 1.0, x.grad
