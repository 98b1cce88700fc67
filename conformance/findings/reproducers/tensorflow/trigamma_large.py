"""The gradient of digamma at 1e200 is 0, since x ** -2 underflows in zeta; it is 1e-200."""

import tensorflow as tf

x = tf.constant(1e200, tf.float64)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.digamma(x)
g = float(tape.gradient(y, x))
assert abs(g / 1e-200 - 1) < 1e-12, g
