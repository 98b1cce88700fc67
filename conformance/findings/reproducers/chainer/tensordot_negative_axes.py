"""The backward of tensordot with negative axes raises; with the same axes counted from the front it comes out."""

import chainer
import chainer.functions as F
import numpy as np

x, y = chainer.Variable(np.ones((2, 3))), chainer.Variable(np.ones((3, 2)))
try:
    F.sum(F.tensordot(x, y, axes=((-1,), (-2,)))).backward()
    found = x.grad.shape
except IndexError as error:
    found = error
assert found == (2, 3), found
