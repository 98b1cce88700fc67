"""gelu of -infinity is nan, from infinity times 0; it is 0."""

import mxnet as mx

mx.npx.set_np()
y = mx.npx.leaky_relu(mx.np.array([-mx.np.inf]), act_type="gelu")
assert y.item() == 0, y
