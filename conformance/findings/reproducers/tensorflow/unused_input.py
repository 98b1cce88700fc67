"""The gradient of an input without a path is None, or zeros, by one option; PyTorch gives None in grad, zeros in vjp."""

import tensorflow as tf

x, z = tf.constant(1.0), tf.constant(2.0)
with tf.GradientTape() as tape:
    tape.watch([x, z])
    y = x * x
g = tape.gradient(y, [x, z])[1]
assert g is not None, g
