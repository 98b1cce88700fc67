"""The logarithm of a subnormal float64 is -inf; that of 1e-310 is -713.8."""

import tensorflow as tf

y = float(tf.math.log(tf.constant(1e-310, tf.float64)))
assert abs(y + 713.8) < 0.1, y
