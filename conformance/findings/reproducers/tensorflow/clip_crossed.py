"""clip(1.5, 2, 1), with its bounds crossed, is 2; NumPy and PyTorch document the upper bound, 1."""

import tensorflow as tf
import tensorflow.experimental.numpy as tnp

y = tnp.clip(tf.constant(1.5), 2.0, 1.0).numpy()
assert y == 1, y
