"""The gradient of xdivy(-1e300, y) in y at 1e155 is 0, since y ** 2 overflows; it is 1e-10, and xlogy differentiates by it."""

import tensorflow as tf

x, y = tf.constant(-1e300, tf.float64), tf.constant(1e155, tf.float64)
with tf.GradientTape() as tape:
    tape.watch(y)
    z = tf.math.xdivy(x, y)
g = float(tape.gradient(z, y))
assert abs(g / 1e-10 - 1) < 1e-12, g
