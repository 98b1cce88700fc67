"""The gradient of elu at 0 with alpha = 0.5 is 0, outside of the slopes 0.5 and 1; PyTorch documents 0.5."""

from tinygrad import Tensor

x = Tensor([0.0])
g = x.elu(0.5).sum().gradient(x)[0].item()
assert 0.5 <= g <= 1, g
