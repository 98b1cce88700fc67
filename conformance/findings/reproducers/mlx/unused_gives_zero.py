"""The gradient of an input that is not used is zeros; PyTorch gives None with allow_unused."""

import mlx.core as mx

_, pulled = mx.vjp(lambda x, y: [x + x], [mx.array(1.0), mx.array(2.0)], [mx.array(1.0)])
assert pulled[1] is None, pulled[1]
