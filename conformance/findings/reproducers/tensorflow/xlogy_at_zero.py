"""The gradient of xlogy(x, y) in x at x = 0 is 0; it is log(y), as for every other x."""

import math

import tensorflow as tf

x = tf.constant(0.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.xlogy(x, 3.0)
g = tape.gradient(y, x).numpy()
assert abs(g - math.log(3)) < 1e-6, g
