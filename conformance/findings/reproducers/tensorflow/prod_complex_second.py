"""The second derivative of z[0] z[1] z[2] in z[2] and z[0] is not conjugated, since prod is made of cumprods: 2 + i for 2 - i."""

import tensorflow as tf

z = tf.constant([1 + 1j, 2 + 1j, 1 - 1j], tf.complex128)
with tf.GradientTape() as outer:
    outer.watch(z)
    with tf.GradientTape() as inner:
        inner.watch(z)
        y = tf.reduce_prod(z)
    g = inner.gradient(y, z, output_gradients=tf.constant(1, y.dtype))
h = outer.gradient(g, z, output_gradients=tf.constant([0, 0, 1], y.dtype)).numpy()
assert abs(h[0] - (2 - 1j)) < 1e-12, h
