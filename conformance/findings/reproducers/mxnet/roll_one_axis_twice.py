"""roll with one axis named twice raises; NumPy rolls by the sum."""

import mxnet as mx

mx.npx.set_np()
try:
    found = mx.np.roll(mx.np.array([1.0, 2.0, 3.0]), (1, 1), (0, 0)).tolist()
except mx.base.MXNetError as error:
    found = str(error)[-60:]
assert found == [2.0, 3.0, 1.0], found
