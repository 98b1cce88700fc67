"""The gradient of tanhshrink at 1e-5 has seven right digits in float64 and is 0 at 1e-10; it is x ** 2 there."""

import mindspore
import numpy as np

x = mindspore.Tensor(np.array([1e-5, 1e-10]))
g = mindspore.grad(lambda x: mindspore.ops.tanhshrink(x).sum())(x).asnumpy().tolist()
assert np.allclose(g, [1e-10, 1e-20], rtol=1e-9, atol=0), g
