"""The gradient of a tangent of cumulative_logsumexp is nan at ordinary numbers."""

import numpy as np
import tensorflow as tf

x = tf.constant([0.5, 1.0, 2.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, -1.0, 0.5])) as push:
        y = tf.math.cumulative_logsumexp(x)
    t = push.jvp(y)
g = tape.gradient(t, x).numpy()
assert np.isfinite(g).all(), g
