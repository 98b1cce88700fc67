"""elu and celu just below 0 are exp(x) - 1, without digits: at -2e-16 elu is 0."""

import mlx.core as mx
from mlx import nn

y = nn.elu(mx.array([-2e-16])).item()
assert abs(y / -2e-16 - 1) < 1e-3, y
