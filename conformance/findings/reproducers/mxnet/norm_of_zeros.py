"""The gradient of linalg.norm at zero is nan; PyTorch documents 0, the subgradient of least norm."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.zeros(2)
x.attach_grad()
with mx.autograd.record():
    y = mx.np.linalg.norm(x, 2, 0)
y.backward()
assert x.grad.tolist() == [0.0, 0.0], x.grad
