"""nan times 0 is rewritten to 0; IEEE 754 and PyTorch give nan."""

from tinygrad import Tensor

y = (Tensor([float("nan")]) * 0).item()
assert str(y) == "nan", y
