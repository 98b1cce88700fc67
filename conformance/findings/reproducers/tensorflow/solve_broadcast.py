"""linalg.solve of one matrix and a stack of right sides raises; PyTorch documents that the matrix is broadcast."""

import tensorflow as tf

try:
    y = tf.linalg.solve(tf.eye(2), tf.ones((3, 2, 1))).shape
except tf.errors.InvalidArgumentError as error:
    y = str(error)[:200]
assert y == (3, 2, 1), y
