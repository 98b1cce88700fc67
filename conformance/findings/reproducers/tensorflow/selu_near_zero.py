"""selu of -1e-10 is 0, as exp(x) - 1, and its gradient that of the other side, 1.0507; they are -1.76e-10 and 1.758."""

import tensorflow as tf

x = tf.constant([-1e-10])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.nn.selu(x)
g = tape.gradient(y, x).numpy()[0]
assert abs(g - 1.7581) < 1e-3, (g, y.numpy())
