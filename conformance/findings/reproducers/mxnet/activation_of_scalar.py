"""leaky_relu, and with it elu, selu, gelu and prelu, of a number without dimensions raises."""

import mxnet as mx

mx.npx.set_np()
try:
    found = mx.npx.leaky_relu(mx.np.array(2.0), act_type="leaky", slope=0.1).item()
except mx.base.MXNetError as error:
    found = str(error)[-90:]
assert found == 2.0, found
