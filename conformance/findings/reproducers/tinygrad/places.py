"""The places that sort, cummax and cummin give are int32; PyTorch counts in int64."""

from tinygrad import Tensor, dtypes

places = Tensor([1.0, 3.0, 2.0]).sort()[1]
assert places.dtype == dtypes.int64, places.dtype
