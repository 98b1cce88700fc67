"""The tangent of max of equal numbers is that of one of them; PyTorch documents for amax the mean of both, here 2."""

import mlx.core as mx

t = mx.jvp(mx.max, [mx.array([1.0, 1.0])], [mx.array([1.0, 3.0])])[1][0].item()
assert t == 2.0, t
