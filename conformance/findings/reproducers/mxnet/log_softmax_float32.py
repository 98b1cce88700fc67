"""log_softmax of float32 has five right digits: that of two equal numbers is -log(2) = -0.69314718."""

import mxnet as mx

mx.npx.set_np()
y = mx.npx.log_softmax(mx.np.zeros(3))[0].item()
assert abs(y + 1.0986122886681098) < 5e-7, y
