"""The gradient of bessel_i1 at 0 is 1; i1(x) = x / 2 + x**3 / 16 + …, and it is 0.5."""

import tensorflow as tf

x = tf.constant(0.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.bessel_i1(x)
g = float(tape.gradient(y, x))
assert g == 0.5, g
