"""The gradient of x ** 0 at 0 is nan; the function is constant, and it is 0."""

import mlx.core as mx

g = mx.grad(lambda x: x**0.0)(mx.array(0.0))
assert g.item() == 0, g
