"""The gradient of reduce_std of equal numbers is nan; PyTorch documents 0, the subgradient of least norm."""

import tensorflow as tf

x = tf.ones([3])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.reduce_std(x)
g = tape.gradient(y, x)
assert tf.reduce_all(g == 0), g
