"""hypot of float32 and integers is float64, and their product too, by NumPy's rules; in PyTorch it is float32."""

import tensorflow as tf

tf.experimental.numpy.experimental_enable_numpy_behavior()
y = tf.experimental.numpy.hypot(tf.constant([3.0]), tf.constant([4]))
assert y.dtype == tf.float32, y.dtype
