"""A nan that comes in reaches elements of relu that are not active, as 0 * nan; PyTorch masks it, and gives 0."""

import tensorflow as tf

x = tf.constant([-1.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.nn.relu(x)
g = tape.gradient(y, x, output_gradients=tf.constant([float("nan")]))
assert g[0] == 0, g
