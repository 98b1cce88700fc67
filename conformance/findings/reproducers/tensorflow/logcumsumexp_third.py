"""The third derivative of cumulative_logsumexp by nested accumulators takes 27 s of processor, that of cumsum 0.2 s."""

import time

import tensorflow as tf

x = tf.constant([0.0, 1.0, 2.0])
v = tf.ones_like(x)
push = tf.autodiff.ForwardAccumulator
start = time.process_time()
with push(x, v) as a, push(x, v) as b, push(x, v) as c:
    y = tf.math.cumulative_logsumexp(x)
a.jvp(b.jvp(c.jvp(y)))
assert time.process_time() - start < 5, time.process_time() - start
