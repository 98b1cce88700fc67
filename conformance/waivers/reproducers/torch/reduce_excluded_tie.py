"""Without include_self the result is the only source sent there; an equal element of the input still takes half of the gradient."""

import torch

for name in ("scatter_reduce", "index_reduce"):
    x, source = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    reduce = getattr(torch, name)
    reduce(x, 0, torch.tensor([0]), source, "amax", include_self=False).sum().backward()
    assert (x.grad.item(), source.grad.item()) == (0.0, 1.0), (name, x.grad, source.grad)
