"""The gradient of -1e300 / y in y at 1e155 is 0, since y * y overflows; it is 1e300 / y / y = 1e-10."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([1e155], dtype="float64")
x.attach_grad()
with mx.autograd.record():
    y = -1e300 * mx.np.ones(1, dtype="float64") / x
y.backward()
assert abs(x.grad.item() / 1e-10 - 1) < 1e-12, x.grad.item()
