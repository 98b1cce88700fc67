"""argmax and argmin along an axis of an empty array raise, where max gives what is there: nothing."""

import mlx.core as mx

try:
    found = mx.argmax(mx.zeros((0, 3)), axis=1).shape
except ValueError as error:
    found = error
assert found == (0,), found
