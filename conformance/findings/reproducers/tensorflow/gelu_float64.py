"""gelu of float64 at -1.3 is wrong by 4e-8 of itself: the root of 2 in it is rounded to float32."""

import math

import tensorflow as tf

y = tf.nn.gelu(tf.constant([-1.3], tf.float64)).numpy()[0]
exact = -0.65 * math.erfc(1.3 / math.sqrt(2))
assert abs(y / exact - 1) < 1e-13, y / exact - 1
