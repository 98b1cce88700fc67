"""hard_shrink and softshrink of nan are 0; PyTorch keeps nan."""

import math

import mlx.core as mx
from mlx import nn

y = nn.hard_shrink(mx.array([math.nan])).item()
assert math.isnan(y), y
