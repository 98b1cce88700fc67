"""The cotangent of a backward is put into the gradient of its output: a second backward of a leaf overwrites the first."""

import chainer
import numpy as np

x = chainer.Variable(np.array([2.0]))
for _ in range(2):
    x.grad = np.array([0.5])
    x.backward()
assert x.grad[0] == 1.0, x.grad
