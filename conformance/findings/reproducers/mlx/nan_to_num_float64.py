"""nan_to_num of float64 raises; the page of the function speaks of no dtype."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
try:
    y = mx.nan_to_num(mx.array([float("nan")], dtype=mx.float64)).item()
except ValueError as error:
    y = error
assert y == 0, y
