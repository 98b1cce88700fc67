"""An empty vector is a block of one row and no columns; the backward of block_diag gives it no row, and takes those of the
next block one row too early.
"""

import torch

empty, column = torch.ones(0, dtype=torch.float64), torch.ones(2, 1, dtype=torch.float64, requires_grad=True)
y = torch.block_diag(empty, column)
assert y.tolist() == [[0], [1], [1]]
y.backward(torch.tensor([[10.0], [20.0], [30.0]], dtype=torch.float64))
assert column.grad.tolist() == [[20], [30]], column.grad.tolist()
