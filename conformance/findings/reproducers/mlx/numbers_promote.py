"""A float32 array times a float64 number without dimensions is float64; in PyTorch that number does not promote."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
y = mx.array([1.0, 2.0]) * mx.array(2.0, dtype=mx.float64)
assert y.dtype == mx.float32, y.dtype
