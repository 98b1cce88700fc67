"""leaky_relu, prelu, selu and gelu of float64 are computed in float32: 0.1 * -1 is -0.10000000149."""

import mxnet as mx

mx.npx.set_np()
y = mx.npx.leaky_relu(mx.np.array([-1.0], dtype="float64"), act_type="leaky", slope=0.1).item()
assert abs(y + 0.1) < 1e-15, y
