"""The backward of fmod raises where an operand is broadcast; it is summed to that operand's shape."""

import chainer
import chainer.functions as F
import numpy as np

x, y = chainer.Variable(np.ones((2, 1))), chainer.Variable(np.ones((2, 3)))
try:
    F.sum(F.fmod(x, y)).backward()
    found = x.grad.shape
except ValueError as error:
    found = str(error)[:200]
assert found == (2, 1), found
