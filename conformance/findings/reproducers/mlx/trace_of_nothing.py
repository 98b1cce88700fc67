"""The gradient of trace of a (0, 2) matrix raises; it has no elements."""

import mlx.core as mx

try:
    found = mx.grad(mx.trace)(mx.zeros((0, 2))).shape
except ValueError as error:
    found = error
assert found == (0, 2), found
