"""activation, fully_connected and convolution of float32 arrays without elements raise."""

import mxnet as mx

mx.npx.set_np()
try:
    found = mx.npx.activation(mx.np.zeros((2, 0)), act_type="softrelu").shape
    mx.npx.waitall()  # the error comes where something waits next
except mx.base.MXNetError as error:
    found = str(error)[-90:]
assert found == (2, 0), found
