"""det of diag(1e100, 1e100) is 1.000000000000022e200, the exp of its logarithm; it is 1e200."""

import tensorflow as tf

y = tf.linalg.det(tf.constant([[1e100, 0.0], [0.0, 1e100]], tf.float64)).numpy()
assert abs(y / 1e200 - 1) < 1e-15, y
