"""The gradient of norm at zero is nan; PyTorch documents 0, the subgradient of least norm."""

import tensorflow as tf

x = tf.zeros([3])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.norm(x)
g = tape.gradient(y, x)
assert tf.reduce_all(g == 0), g
