"""erfinv of 1e-20 is 0; it is 8.86e-21."""

import tensorflow as tf

y = tf.math.erfinv(tf.constant(1e-20)).numpy()
assert y != 0, y
