"""activation softrelu of float32 has six right digits: at -2.5309341 it is 0.0765763819."""

import mxnet as mx

mx.npx.set_np()
y = mx.npx.activation(mx.np.array([-2.530934]), act_type="softrelu").item()
assert abs(y / 0.0765763819 - 1) < 1e-6, y
