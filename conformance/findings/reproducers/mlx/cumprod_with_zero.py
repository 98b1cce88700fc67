"""The second derivative of cumprod with a zero is nan; that of the sum of the parts of (0, 2, 3) is 0 in the first."""

import mlx.core as mx

first = mx.grad(lambda x: mx.sum(mx.cumprod(x)))
g = mx.grad(lambda x: mx.sum(first(x)))(mx.array([0.0, 2.0, 3.0])).tolist()
assert g == [5.0, 4.0, 2.0], g
