"""sign of nan is nan, by NumPy; PyTorch documents 0."""

import tensorflow as tf

y = tf.sign(tf.constant(float("nan"))).numpy()
assert y == 0, y
