"""pad with the number 2.5 puts 0 in the rows and columns that are added."""

import mxnet as mx

mx.npx.set_np()
y = mx.np.pad(mx.np.array([[1.0]]), ((0, 1), (1, 0)), mode="constant", constant_values=2.5)
assert y.tolist() == [[2.5, 1.0], [2.5, 2.5]], y.tolist()
