"""softplus of -17 is 0, and logsigmoid of 17; 1 + exp(x) is rounded; it is 4.14e-8."""

from tinygrad import Tensor

y = Tensor([-17.0]).softplus().item()
assert abs(y / 4.1399e-8 - 1) < 1e-3, y
