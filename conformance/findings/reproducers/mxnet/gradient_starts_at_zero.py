"""The gradient of an array that nothing came back to is 0, as attach_grad documents; PyTorch's is None."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([1.0])
x.attach_grad()
assert x.grad is None, x.grad
