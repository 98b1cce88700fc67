"""degrees and radians of float64 have seven right digits: 1 rad is 57.29577951308232 degrees."""

import mxnet as mx

mx.npx.set_np()
y = mx.np.degrees(mx.np.array([1.0], dtype="float64")).item()
assert abs(y - 57.29577951308232) < 1e-12, y
