"""logsumexp of an empty array raises; it is -inf."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
try:
    found = mx.logsumexp(mx.zeros((0,))).item()
except ValueError as error:
    found = error
assert found == float("-inf"), found
