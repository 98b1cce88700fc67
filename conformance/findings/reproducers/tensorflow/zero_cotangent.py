"""The gradient of 0 sqrt(x) at 0 is 0, since a cotangent of 0 stays 0 there; by IEEE 754, 0 times infinity, and PyTorch it is nan."""

import tensorflow as tf

x = tf.constant(0.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.sqrt(x) * 0
g = tape.gradient(y, x).numpy()
assert str(g) == "nan", g
