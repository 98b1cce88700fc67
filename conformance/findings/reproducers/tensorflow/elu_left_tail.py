"""The gradients of elu and selu are computed from their outputs: elu' at -50 is 0 instead of exp(-50)."""

import tensorflow as tf

x = tf.constant(-50.0, tf.float64)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.nn.elu(x)
g = float(tape.gradient(y, x))
assert abs(g / 1.9287498479639178e-22 - 1) < 1e-10, g
