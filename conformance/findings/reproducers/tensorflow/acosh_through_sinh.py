"""The gradient of acosh at 1e20 in float32 is 1 / sinh(acosh(x)), wrong by 2.7e-6 of itself, and asinh's too; it is 1e-20."""

import tensorflow as tf

x = tf.constant(1e20)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.acosh(x)
g = float(tape.gradient(y, x))
assert abs(g / 1e-20 - 1) < 1e-6, g
