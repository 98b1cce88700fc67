"""The gradient of matmul where both stacks are broadcast is wrong: cotangent times b, summed, is 0 + 2 + 8 and 3 + 8 + 20."""

import mxnet as mx

mx.npx.set_np()
a, b = mx.np.ones((2, 1, 1, 1)), mx.np.array([1.0, 2.0, 4.0]).reshape(3, 1, 1)
a.attach_grad()
with mx.autograd.record():
    y = mx.np.matmul(a, b)
y.backward(mx.np.arange(6).reshape(2, 3, 1, 1))
assert a.grad.reshape(-1).tolist() == [10.0, 31.0], a.grad
