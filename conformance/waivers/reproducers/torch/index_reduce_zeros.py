"""A product with two zeros has derivatives of every order; PyTorch's second derivative of index_reduce refuses them."""

import torch

x, source, raised = torch.ones(1, requires_grad=True), torch.tensor([0.0, 0.0, 3.0], requires_grad=True), None
y = torch.index_reduce(x, 0, torch.tensor([0, 0, 0]), source, "prod")
(g,) = torch.autograd.grad(y.sum(), source, create_graph=True)
try:
    (second,) = torch.autograd.grad(g.sum(), source)
except RuntimeError as error:
    raised = error
assert raised is None, raised
assert second.tolist() == [3.0, 3.0, 0.0]
