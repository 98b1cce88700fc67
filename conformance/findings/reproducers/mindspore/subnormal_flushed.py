"""In some calls numbers below 2.2e-308 are taken for 0: of twenty in a row, sign of 1e-310 is 0 in ten."""

import mindspore
import numpy as np

x = mindspore.Tensor(np.array([1e-310, 1.0]))
found = [mindspore.ops.sign(x).asnumpy()[0].item() for _ in range(20)]
assert found == [1.0] * 20, found
