"""The second derivative of sinc at 1e-20 is -pi ** 2 = -9.87, and at 1e-310 it is not finite; it is a third of that, -3.29."""

import mindspore
import numpy as np

first = mindspore.grad(lambda x: mindspore.ops.sinc(x).sum())
g = mindspore.grad(lambda x: first(x).sum())(mindspore.Tensor(np.array([1e-20, 1e-310]))).asnumpy()
assert np.allclose(g, -(np.pi**2) / 3, rtol=1e-9), g
