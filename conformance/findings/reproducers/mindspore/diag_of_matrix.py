"""Pulling back through diag of a matrix raises, and asks for a cotangent of four dimensions; that of the diagonal has one."""

import mindspore
import numpy as np

x = mindspore.Tensor(np.eye(2))
try:
    found = mindspore.vjp(mindspore.ops.diag, x)[1](mindspore.Tensor(np.ones(2))).shape
except ValueError as error:
    found = str(error)[:90]
assert found == (2, 2), found
