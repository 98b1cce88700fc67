"""A variable that nothing came back to has zeros as its gradient, and one that is computed has one too; PyTorch's are None."""

import nnabla as nn

x = nn.Variable((2,), need_grad=True)
x.grad.zero()
assert x.g is None, x.g
