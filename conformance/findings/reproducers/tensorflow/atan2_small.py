"""The gradient of atan2 at (1e-200, 1e-200) is infinite, since squares underflow; it is (5e199, -5e199)."""

import tensorflow as tf

x = tf.constant(1e-200, tf.float64)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.atan2(x, tf.constant(1e-200, tf.float64))
g = float(tape.gradient(y, x))
assert abs(g / 5e199 - 1) < 1e-12, g
