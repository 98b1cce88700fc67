"""The gradient of an input that is not used is zeros; PyTorch gives None with allow_unused."""

from tinygrad import Tensor

x, y = Tensor([1.0]), Tensor([2.0])
g = (x * x).sum().gradient(x, y)[1]
assert g is None, g.tolist()
