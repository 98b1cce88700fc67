"""The slope of leaky_relu is rounded to float32 also for float64: leaky_relu(-1) is wrong by 3e-9 at the slope 0.2."""

import tensorflow as tf

y = float(tf.nn.leaky_relu(tf.constant(-1.0, tf.float64), alpha=0.2))
assert abs(y + 0.2) < 1e-15, y + 0.2
