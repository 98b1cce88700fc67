"""float32 times float64 without dimensions, and int32 plus 1.5, are float64 with NumPy's behaviour; PyTorch: float32."""

import tensorflow as tf
import tensorflow.experimental.numpy as tnp

tnp.experimental_enable_numpy_behavior()
found = (tf.ones(2) * tf.constant(2.0, tf.float64)).dtype, (tf.constant([1], tf.int32) + 1.5).dtype
assert found == (tf.float32, tf.float32), found
