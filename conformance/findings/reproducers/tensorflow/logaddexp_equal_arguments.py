"""The gradient of logaddexp at equal arguments is (1, 0); the function is smooth there, and it is (0.5, 0.5)."""

import tensorflow as tf

x, y = tf.constant(1.0), tf.constant(1.0)
with tf.GradientTape() as tape:
    tape.watch([x, y])
    z = tf.experimental.numpy.logaddexp(x, y)
g = [float(d) for d in tape.gradient(z, [x, y])]
assert g == [0.5, 0.5], g
