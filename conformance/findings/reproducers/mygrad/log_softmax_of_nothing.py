"""logsoftmax and softmax of an array with an empty axis raise; the result is empty too."""

import mygrad as mg
import numpy as np

try:
    found = mg.nnet.activations.logsoftmax(mg.tensor(np.zeros((2, 0))), axis=1).shape
except ValueError as error:
    found = error
assert found == (2, 0), found
