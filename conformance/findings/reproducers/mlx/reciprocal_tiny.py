"""The second derivative of 1 / x in float32 at 6e-11 is infinite, since powers of x underflow or overflow; it is 9.26e30."""

import mlx.core as mx

g = mx.grad(mx.grad(mx.reciprocal))(mx.array(6e-11)).item()
assert abs(g / 9.2592587e30 - 1) < 1e-5, g
