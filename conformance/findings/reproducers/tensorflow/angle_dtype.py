"""angle of a float64 number by tf.experimental.numpy is float32; it has the dtype of its argument."""

import tensorflow as tf
import tensorflow.experimental.numpy as tnp

y = tnp.angle(tf.constant([1.0], tf.float64))
assert y.dtype == tf.float64, y.dtype
