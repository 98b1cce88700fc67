"""The gradient of det at a singular matrix whose last pivot is 6e-8 is more than twice the cofactors, since it divides."""

import tensorflow as tf

x = tf.constant([[-1.0, -0.75, -0.5625], [-0.3125, -0.0625, 0.125], [-1.3125, -0.8125, -0.4375]])  # row 3 = 1 + 2
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.linalg.det(x)
g = tape.gradient(y, x).numpy()
assert abs(g[0, 0] - 0.12890625) < 1e-5, g
