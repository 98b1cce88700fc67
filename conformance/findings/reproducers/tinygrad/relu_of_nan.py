"""relu of nan is 0, and so are elu, relu6 and hardsigmoid; PyTorch keeps nan."""

from tinygrad import Tensor

y = Tensor([float("nan")]).relu().item()
assert str(y) == "nan", y
