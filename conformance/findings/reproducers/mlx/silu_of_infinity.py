"""silu of -infinity is nan, and gelu and mish too, from infinity times 0; it is 0."""

import mlx.core as mx
from mlx import nn

mx.set_default_device(mx.cpu)
y = nn.silu(mx.array([-mx.inf]))
assert y.item() == 0, y
