"""A float32 tensor times a float64 tensor without dimensions is float64; PyTorch: float32."""

from tinygrad import Tensor, dtypes

y = Tensor([1.0, 2.0], dtype=dtypes.float32) * Tensor(2.0, dtype=dtypes.float64)
assert y.dtype == dtypes.float32, y.dtype
