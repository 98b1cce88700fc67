"""The places that cummax gives are int32; PyTorch counts in int64."""

from tinygrad import Tensor, dtypes

places = Tensor([1.0, 3.0, 2.0]).cummax(axis=0)[1]
assert places.dtype == dtypes.int64, places.dtype
