"""The gradient of det at a singular matrix raises; it is the matrix of cofactors, here [[4, -2], [-2, 1]]."""

import tensorflow as tf

x = tf.constant([[1.0, 2.0], [2.0, 4.0]])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.linalg.det(x)
try:
    g = tape.gradient(y, x).numpy().round(3).tolist()
except tf.errors.InvalidArgumentError as error:
    g = error
assert g == [[4.0, -2.0], [-2.0, 1.0]], g
