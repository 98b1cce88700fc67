"""The gradient of atan2 at (1e200, 1e200) is 0, since squares overflow; it is (5e-201, -5e-201)."""

import tensorflow as tf

x = tf.constant(1e200, tf.float64)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.atan2(x, tf.constant(1e200, tf.float64))
g = float(tape.gradient(y, x))
assert abs(g / 5e-201 - 1) < 1e-12, g
