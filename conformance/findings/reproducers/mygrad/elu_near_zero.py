"""elu and selu are computed as exp(x) - 1: elu(-1e-10) is wrong in its eighth digit, and elu(-1e-20) is 0."""

import mygrad as mg

x = mg.tensor([-1e-10])
y = mg.nnet.activations.elu(x, 1.0).data[0]
assert abs(y / -1e-10 - 1) < 1e-9, y
