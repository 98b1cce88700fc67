"""linalg.solve of one matrix and a stack of right sides raises; the matrix is broadcast."""

import mlx.core as mx

mx.set_default_device(mx.cpu)
try:
    found = mx.linalg.solve(mx.eye(2), mx.ones((3, 2, 1))).shape
except ValueError as error:
    found = error
assert found == (3, 2, 1), found
