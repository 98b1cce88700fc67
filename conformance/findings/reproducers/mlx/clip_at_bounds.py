"""The gradient of clip at its bounds is 0 or halved; PyTorch documents 1, since the value is the input there."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
g = mx.grad(lambda x: mx.clip(x, -1.0, 1.5).sum())(mx.array([-1.0, 1.5]))
assert g.tolist() == [1.0, 1.0], g
