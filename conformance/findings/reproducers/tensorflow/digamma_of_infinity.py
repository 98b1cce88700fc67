"""The gradient of digamma at -infinity is inf; it has a pole at every integer below, and PyTorch gives nan."""

import tensorflow as tf

x = tf.constant([-float("inf"), float("inf")])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.digamma(x)
g = tape.gradient(y, x).numpy()
assert str(g[0]) == "nan", g
