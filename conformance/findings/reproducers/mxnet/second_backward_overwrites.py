"""A second backward overwrites the gradient, by the documented default grad_req="write"; PyTorch adds."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([1.0])
x.attach_grad()
for _ in range(2):
    with mx.autograd.record():
        y = 3 * x
    y.backward()
assert x.grad.item() == 6.0, x.grad
