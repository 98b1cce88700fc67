"""The gradient of diag off the matrix is None, by tf.experimental.numpy; the diagonal is empty, and it is zeros."""

import tensorflow as tf
import tensorflow.experimental.numpy as tnp

x = tf.ones((2, 2))
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tnp.diag(x, 5)
g = tape.gradient(y, x)
assert g is not None, g
