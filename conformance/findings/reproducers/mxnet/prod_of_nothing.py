"""prod along an empty axis is 0; a product of nothing is 1."""

import mxnet as mx

mx.npx.set_np()
y = mx.np.prod(mx.np.zeros((2, 0)), axis=1)
assert y.tolist() == [1.0, 1.0], y
