"""sum, mean, prod, max and their like over the rows of an empty matrix raise; there is nothing to reduce."""

import mxnet as mx

mx.npx.set_np()
try:
    found = mx.np.sum(mx.np.zeros((0, 3)), axis=(1,)).shape
    mx.npx.waitall()  # the error comes where something waits next
except mx.base.MXNetError as error:
    found = str(error)[-90:]
assert found == (0,), found
