"""The logarithm that slogdet gives for a complex matrix is complex, since both results are one tensor; it is a real number."""

import paddle

logarithm = paddle.linalg.slogdet(paddle.eye(2).astype("complex64"))[1]
assert logarithm.dtype == paddle.float32, logarithm.dtype
