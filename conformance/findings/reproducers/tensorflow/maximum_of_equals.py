"""The gradient of maximum goes to the first of two equal arguments; PyTorch documents that each has half of it."""

import tensorflow as tf

x, y = tf.constant([1.0]), tf.constant([1.0])
with tf.GradientTape() as tape:
    tape.watch([x, y])
    z = tf.maximum(x, y)
g = tape.gradient(z, [x, y])
assert g[0] == 0.5, g
