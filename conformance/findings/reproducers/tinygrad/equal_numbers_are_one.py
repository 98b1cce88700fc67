"""Two tensors without dimensions that hold 2 are one: the gradients of 3 x x y in them are 36 and 36; they are 24 and 12."""

import numpy as np
from tinygrad import Tensor

x, y = Tensor(np.array(2.0)), Tensor(np.array(2.0))
found = [g.item() for g in (x * x * y * 3).gradient(x, y)]
assert found == [24.0, 12.0], found
