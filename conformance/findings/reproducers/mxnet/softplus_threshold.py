"""The gradient of activation softrelu at 20.5 is sigmoid(20.5); PyTorch documents a straight line above 20, and 1."""

import mxnet as mx

mx.npx.set_np()
x = mx.np.array([20.5], dtype="float64")
x.attach_grad()
with mx.autograd.record():
    y = mx.npx.activation(x, act_type="softrelu")
y.backward()
assert x.grad.item() == 1.0, x.grad.item()
