"""The gradient of bessel_i0e at a subnormal number or 0 is 0; i0e has a kink there, with slopes 1 and -1."""

import tensorflow as tf

x = tf.constant([1e-310], tf.float64)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.bessel_i0e(x)
g = tape.gradient(y, x).numpy()[0]
assert g == -1, g
