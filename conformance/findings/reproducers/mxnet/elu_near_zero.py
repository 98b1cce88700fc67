"""elu of float32 just below 0 is exp(x) - 1, without digits: at -1e-10 it is 0."""

import mxnet as mx

mx.npx.set_np()
y = mx.npx.leaky_relu(mx.np.array([-1e-10]), act_type="elu", slope=1.0).item()
assert abs(y / -1e-10 - 1) < 1e-5, y
