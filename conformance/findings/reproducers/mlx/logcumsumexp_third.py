"""The third derivative of logcumsumexp is nan where numbers come again after greater ones; it is finite."""

import math

import mlx.core as mx

f = mx.logcumsumexp
for _ in range(3):
    f = mx.grad(lambda x, f=f: mx.sum(f(x)))
g = f(mx.array([0.1, 0.2, -3.0])).tolist()
assert all(map(math.isfinite, g)), g
