"""ceil, floor and round have no gradient, which is None; PyTorch documents zeros."""

import tensorflow as tf

x = tf.constant([0.5])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.floor(x)
g = tape.gradient(y, x)
assert g is not None, g
