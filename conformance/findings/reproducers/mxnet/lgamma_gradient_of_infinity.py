"""The gradient of gammaln at -infinity is inf, and so at every pole; it is the pole of digamma, and PyTorch gives nan."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([-mx.np.inf])
x.attach_grad()
with mx.autograd.record():
    y = mx.npx.gammaln(x)
y.backward()
assert mx.np.isnan(x.grad).item(), x.grad
