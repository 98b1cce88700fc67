"""The page of no_grad says that every result has requires_grad=False; a view of a tensor that requires grad has True."""

import torch

x = torch.ones(2, requires_grad=True)
with torch.no_grad():
    view = x.view(2)
assert not view.requires_grad, view
