"""repeat_interleave with 0 repeats raises; the result is empty."""

import paddle

try:
    found = paddle.repeat_interleave(paddle.ones([2]), 0).shape
except ValueError as error:
    found = str(error)[-120:]
assert found == [0], found
