"""The slopes of asinh and acosh at 1e200 are 1e-200; their backward squares the input first, and 1 / sqrt(inf) is 0."""

import torch

for function in (torch.asinh, torch.acosh):
    x = torch.tensor(1e200, dtype=torch.float64, requires_grad=True)
    function(x).backward()
    assert abs(x.grad.item() / 1e-200 - 1) < 1e-14, (function, x.grad.item())
