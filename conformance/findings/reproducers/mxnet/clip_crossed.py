"""clip with its lower bound above the upper one gives the lower; NumPy and PyTorch document the upper."""

import mxnet as mx

mx.npx.set_np()
y = mx.np.clip(mx.np.array([0.0]), 2.0, 1.0)
assert y.item() == 1.0, y
