"""The gradients of erf, erfinv and gammaln of float64 are computed in float32: erf'(0) is wrong by 2.6e-8."""

import math

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([0.0], dtype="float64")
x.attach_grad()
with mx.autograd.record():
    y = mx.npx.erf(x)
y.backward()
assert abs(x.grad.item() - 2 / math.sqrt(math.pi)) < 1e-15, x.grad.item()
