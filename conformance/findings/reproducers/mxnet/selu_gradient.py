"""The gradient of selu at -1 is 0.5904; it is 1.0507 * 1.6733 * exp(-1) = 0.6468."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([-1.0])
x.attach_grad()
with mx.autograd.record():
    y = mx.npx.leaky_relu(x, act_type="selu")
y.backward()
assert abs(x.grad.item() - 0.6468) < 1e-3, x.grad.item()
