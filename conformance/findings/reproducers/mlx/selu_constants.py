"""selu has the constants 1.0507 and 1.67326, cut after four and five digits: selu(1) is 1.0507 instead of 1.05070099."""

import mlx.core as mx
from mlx import nn

y = nn.selu(mx.array(1.0)).item()
assert abs(y - 1.0507009873554805) < 2e-7, y
