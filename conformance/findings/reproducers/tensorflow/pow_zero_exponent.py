"""The gradient of x ** 0 at 0 is nan; the function is constant, and it is 0."""

import tensorflow as tf

x = tf.constant(0.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = x**0.0
g = float(tape.gradient(y, x))
assert g == 0, g
