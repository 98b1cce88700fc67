"""The gradient of gelu (tanh approximation) at 1e20 in float32 is nan, from infinity times 0; it is 1."""

import tensorflow as tf

x = tf.constant(1e20)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.nn.gelu(x, approximate=True)
g = float(tape.gradient(y, x))
assert g == 1, g
