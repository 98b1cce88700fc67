"""The gradients of logsigmoid at -infinity and of softplus at infinity are nan; they are 1."""

from tinygrad import Tensor

x = Tensor([-float("inf")])
g = x.logsigmoid().sum().gradient(x)[0].item()
assert g == 1, g
