"""linalg.solve of one matrix and a stack of right sides raises, and its gradient for one vector too."""

import mxnet as mx

mx.npx.set_np()
try:
    found = mx.np.linalg.solve(mx.np.eye(2), mx.np.ones((3, 2, 1))).shape
except mx.base.MXNetError as error:
    found = str(error)[-60:]
assert found == (3, 2, 1), found
