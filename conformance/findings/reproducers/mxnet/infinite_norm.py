"""linalg.norm of order inf along an axis raises; it is the largest absolute value."""

import mxnet as mx

mx.npx.set_np()
try:
    found = mx.np.linalg.norm(mx.np.array([[3.0, -4.0]]), mx.np.inf, 1).tolist()
except mx.base.MXNetError as error:
    found = str(error)[:200]
assert found == [4.0], found
