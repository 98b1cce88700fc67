"""repeat zero times along an axis loses that axis and the others: the shape is (0,), and it is (0, 2)."""

import mxnet as mx

mx.npx.set_np()
y = mx.np.repeat(mx.np.ones((3, 2)), 0, axis=0)
assert y.shape == (0, 2), y.shape
