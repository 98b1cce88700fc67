"""det of diag(1e100, 1e100) is 1.000000000000022e200, the exp of its logarithm; it is 1e200."""

import mxnet as mx

mx.npx.set_np()
y = mx.np.linalg.det(mx.np.array([[1e100, 0.0], [0.0, 1e100]], dtype="float64")).item()
assert abs(y / 1e200 - 1) < 1e-15, y
