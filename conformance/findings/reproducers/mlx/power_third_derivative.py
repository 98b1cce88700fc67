"""The third derivative of x ** p in p is wrong: at x = 2, p = 1.5 it is 2.90, and 2 ** 1.5 * log(2) ** 3 = 0.942."""

import math

import mlx.core as mx

mx.set_default_device(mx.cpu)
f = lambda p: mx.power(mx.array(2.0, dtype=mx.float64), p)  # noqa: E731
y = mx.grad(mx.grad(mx.grad(f)))(mx.array(1.5, dtype=mx.float64)).item()
assert abs(y - 2**1.5 * math.log(2) ** 3) < 1e-6, y
