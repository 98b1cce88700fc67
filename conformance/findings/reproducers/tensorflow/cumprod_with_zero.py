"""The gradient of cumprod with a zero is 0 everywhere; that of the zero itself is 1 + 2 + 2 * 3 = 9."""

import tensorflow as tf

x = tf.constant([0.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.cumprod(x)
g = tape.gradient(y, x).numpy()
assert g.tolist() == [9.0, 0.0, 0.0], g
