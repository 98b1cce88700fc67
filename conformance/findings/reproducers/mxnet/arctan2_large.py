"""The gradient of arctan2 at (1e200, 1e200) is 0, since squares overflow; it is (5e-201, -5e-201)."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([1e200], dtype="float64")
x.attach_grad()
with mx.autograd.record():
    y = mx.np.arctan2(x, 1e200 * mx.np.ones(1, dtype="float64"))
y.backward()
assert abs(x.grad.item() / 5e-201 - 1) < 1e-12, x.grad.item()
