"""softmax and log_softmax of an array with an empty axis raise; the result is empty too."""

import chainer.functions as F
import numpy as np

try:
    found = F.softmax(np.zeros((2, 0))).shape
except ValueError as error:
    found = error
assert found == (2, 0), found
