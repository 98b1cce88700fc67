"""log10, log2 and logaddexp2 of float32 are float64 with NumPy's behaviour enabled, and their gradients raise."""

import tensorflow as tf
import tensorflow.experimental.numpy as tnp

tnp.experimental_enable_numpy_behavior()
y = tnp.log10(tf.constant([2.0]))
assert y.dtype == tf.float32, y.dtype
