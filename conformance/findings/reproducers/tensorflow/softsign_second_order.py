"""The second derivative of softsign raises: its gradient has none; at 1 it is -0.25."""

import tensorflow as tf

x = tf.constant(1.0)
with tf.GradientTape() as outer, tf.GradientTape() as inner:
    outer.watch(x)
    inner.watch(x)
    g = inner.gradient(tf.nn.softsign(x), x)
try:
    found = outer.gradient(g, x).numpy()
except LookupError as error:
    found = error
assert found == -0.25, found
