"""x[None, :] of a (2, 3) array raises, where x[None] comes out; the result has the shape (1, 2, 3)."""

import nnabla as nn

nn.set_auto_forward(True)
try:
    found = nn.Variable((2, 3))[None, :].shape
except RuntimeError as error:
    found = str(error)[-150:]
assert found == (1, 2, 3), found
