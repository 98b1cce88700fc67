"""vjp of a function that gives one array twice drops a cotangent: that of [x, x] with [1] and [10] is 1, and it is 11."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
one, ten = mx.array([1.0]), mx.array([10.0])
_, (g,) = mx.vjp(lambda x: [x, x], [mx.array([2.0])], [one, ten])
assert g.item() == 11, g
