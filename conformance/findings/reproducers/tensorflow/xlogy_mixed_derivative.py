"""The second derivative of xlogy by both arguments at x = 0 is 0; it is 1 / y, here 256."""

import tensorflow as tf

x, y = tf.constant(0.0), tf.constant(1 / 256)
with tf.GradientTape() as outer, tf.GradientTape() as inner:
    outer.watch(y)
    inner.watch(x)
    g = inner.gradient(tf.math.xlogy(x, y), x)
h = outer.gradient(g, y)
assert h == 256, h
