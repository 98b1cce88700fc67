"""gather of a tensor without dimensions raises in its gradient; PyTorch lets it have dimension 0."""

from tinygrad import Tensor

x = Tensor(2.0)
try:
    found = x.gather(0, Tensor(0)).item()
except IndexError as error:
    found = error
assert found == 2, found
