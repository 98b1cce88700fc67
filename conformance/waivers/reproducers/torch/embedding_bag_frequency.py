"""scale_grad_by_freq divides by how often a word occurs, two times for word 2; the gradient of embedding_bag divides by three."""

import torch

words = torch.tensor([2, 1, 1, 1, 2])
table = torch.ones(3, 1, dtype=torch.float64, requires_grad=True)
y = torch.nn.functional.embedding_bag(words, table, torch.tensor([0, 2]), mode="sum", scale_grad_by_freq=True)
(g,) = torch.autograd.grad(y.sum(), table)
rows = torch.nn.functional.embedding(words, table, scale_grad_by_freq=True)
(same,) = torch.autograd.grad(rows.sum(), table)
torch.testing.assert_close(g, same)
