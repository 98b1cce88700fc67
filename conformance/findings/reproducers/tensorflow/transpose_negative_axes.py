"""The gradient of transpose by (-1, 0, -2) raises, and the value comes out; it is transposed back."""

import tensorflow as tf

x = tf.zeros((1, 2, 3))
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.transpose(x, (-1, 0, -2))
try:
    g = tape.gradient(y, x).shape
except tf.errors.InvalidArgumentError as error:
    g = str(error)[:200]
assert g == (1, 2, 3), g
