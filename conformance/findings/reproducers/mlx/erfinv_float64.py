"""erfinv of float64 has eight right digits: at 0.5 it is wrong by 4.5e-9."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
error = mx.erfinv(mx.array(0.5, dtype=mx.float64)).item() - 0.4769362762044699
assert abs(error) < 1e-14, error
