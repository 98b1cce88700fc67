"""angle of nan is 0, by tf.experimental.numpy; NumPy and PyTorch give nan."""

import tensorflow as tf
import tensorflow.experimental.numpy as tnp

y = tnp.angle(tf.constant(float("nan"))).numpy()
assert str(y) == "nan", y
