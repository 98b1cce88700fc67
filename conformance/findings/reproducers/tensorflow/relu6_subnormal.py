"""relu6 of a negative subnormal number is that number; it is 0."""

import tensorflow as tf

x = tf.constant([-1e-40], tf.float32)
y = tf.nn.relu6(x).numpy()[0]
assert y == 0, y
