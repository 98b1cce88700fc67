"""The gradient of a tangent of cumprod at 1e-30 is nan in float32, since it divides by the factors twice; it is (0, 1)."""

import tensorflow as tf

x = tf.constant([1e-30, 1e-30])
with tf.GradientTape() as tape:
    tape.watch(x)
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as push:
        y = tf.math.cumprod(x)
    t = push.jvp(y)
g = tape.gradient(t, x, output_gradients=tf.constant([0.0, 1.0])).numpy()
assert g.tolist() == [0.0, 1.0], g
