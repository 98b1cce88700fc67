"""The gradient of a complex cumprod is not conjugated: that of the last product of (1 + i, 2 + i) in the first is 2 + i."""

import tensorflow as tf

z = tf.constant([1 + 1j, 2 + 1j], tf.complex128)
with tf.GradientTape() as tape:
    tape.watch(z)
    y = tf.math.cumprod(z)
g = tape.gradient(y, z, output_gradients=tf.constant([0, 1], tf.complex128)).numpy()
assert abs(g[0] - (2 - 1j)) < 1e-12, g
