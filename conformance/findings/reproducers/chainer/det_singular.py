"""The gradient of det at a singular matrix raises; it is the matrix of cofactors, here [[4, -2], [-2, 1]]."""

import chainer
import chainer.functions as F
import numpy as np

x = chainer.Variable(np.array([[1.0, 2.0], [2.0, 4.0]]))
try:
    F.det(x).backward()
    g = x.grad.round(9).tolist()
except ValueError as error:
    g = error
assert g == [[4.0, -2.0], [-2.0, 1.0]], g
