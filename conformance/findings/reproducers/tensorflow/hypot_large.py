"""hypot(1e200, 1e200) is infinite and its gradient 0, since squares overflow; they are 1.41e200 and 0.7071."""

import tensorflow as tf

x = tf.constant(1e200, tf.float64)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.experimental.numpy.hypot(x, 1e200)
g = float(tape.gradient(y, x))
assert abs(g - 0.5**0.5) < 1e-12, (float(y), g)
