"""The gradients of var and std are 0; that of var of [1, 2, 4] is 2 / 3 * (x - 7 / 3)."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([1.0, 2.0, 4.0], dtype="float64")
x.attach_grad()
with mx.autograd.record():
    y = mx.np.var(x)
y.backward()
assert abs(x.grad[2].item() - 10 / 9) < 1e-12, x.grad
