"""The second derivative of the product (0, 2, 3) in its last and first elements is 0: prod is made of cumprods; it is 2."""

import tensorflow as tf

x = tf.constant([0.0, 2.0, 3.0])
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = tf.reduce_prod(x)
    last = inner.gradient(y, x)[2]
h = outer.gradient(last, x).numpy()
assert h[0] == 2, h
