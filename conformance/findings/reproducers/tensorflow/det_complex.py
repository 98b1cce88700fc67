"""The gradient of det of ((1 + i, 2), (1, i)) in its first element is -0.6 - 0.8i: det is not conjugated; it is -i."""

import tensorflow as tf

a = tf.constant([[1 + 1j, 2], [1, 1j]], tf.complex128)
with tf.GradientTape() as tape:
    tape.watch(a)
    y = tf.linalg.det(a)
g = tape.gradient(y, a, output_gradients=tf.constant(1, tf.complex128)).numpy()
assert abs(g[0, 0] - (-1j)) < 1e-12, g  # the conjugate of the cofactor, which is i
