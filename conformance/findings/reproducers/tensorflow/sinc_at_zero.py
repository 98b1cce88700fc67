"""The gradient of sinc at 0 is nan; sinc is even and smooth, so that it is 0."""

import tensorflow as tf

x = tf.constant(0.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.experimental.numpy.sinc(x)
g = float(tape.gradient(y, x))
assert g == 0, g
