"""The gradient of ctc_loss with respect to log_probs is not that of its value: it is the one with respect to logits before log_softmax."""

import torch

x = torch.randn(3, 1, 3, dtype=torch.float64, requires_grad=True)
loss = lambda x: torch.nn.functional.ctc_loss(x, torch.tensor([[1, 2]]), (3,), (2,), reduction="sum")  # noqa: E731
(g,) = torch.autograd.grad(loss(x), x)
v, h = torch.randn_like(x), 1e-6
difference = (loss(x + h * v) - loss(x - h * v)) / (2 * h)
torch.testing.assert_close((g * v).sum(), difference, rtol=1e-6, atol=1e-6)
