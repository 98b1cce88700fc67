"""sort of a tensor without dimensions raises; PyTorch lets it have dimension 0."""

import numpy as np
from tinygrad import Tensor

try:
    y = Tensor(np.array(2.0)).sort()[0].item()
except IndexError as error:
    y = error
assert y == 2.0, y
