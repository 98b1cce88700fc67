"""The logarithm that slogdet gives for a complex matrix is complex; PyTorch documents a real one."""

import tensorflow as tf

y = tf.linalg.slogdet(tf.constant([[1 + 1j]], tf.complex128))[1]
assert y.dtype == tf.float64, y.dtype
