"""The third derivative of logcumsumexp is nan where numbers come again after greater ones; it is finite."""

import math

import mlx.core as mx


def grad(f):
    return mx.grad(lambda x: mx.sum(f(x)))


g = grad(grad(grad(mx.logcumsumexp)))(mx.array([0.1, 0.2, -3.0])).tolist()
assert all(map(math.isfinite, g)), g
