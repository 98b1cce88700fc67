"""The gradient of where(mask, 1.5, x) reaches x where the mask is true, and not where it is false."""

import mxnet as mx

mx.npx.set_np()
x, mask = mx.np.array([1.0, 2.0]), mx.np.array([True, False])
x.attach_grad()
with mx.autograd.record():
    y = mx.np.where(mask, 1.5, x)
y.backward()
assert x.grad.tolist() == [0.0, 1.0], x.grad
