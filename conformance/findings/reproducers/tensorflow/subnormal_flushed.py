"""sign of the subnormal number 1e-40 is 0, and the gradient of abs with it; it is 1."""

import tensorflow as tf

y = tf.sign(tf.constant([1e-40])).numpy()[0]
assert y == 1, y
