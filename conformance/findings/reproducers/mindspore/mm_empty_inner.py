"""The product of a (2, 0) and a (0, 2) matrix is whatever the memory held; an empty sum is 0."""

import mindspore
import numpy as np
from mindspore import ops

mindspore.set_device("CPU")
found = []
for k in range(50):
    (mindspore.Tensor(np.full((2, 2), k + 1.5)) * 2).asnumpy()  # something for the memory to hold
    a, b = (mindspore.Tensor(np.zeros(shape)) for shape in ((2, 0), (0, 2)))
    found.append(float(abs(ops.mm(a, b).asnumpy()).max()))
assert max(found) == 0, found
