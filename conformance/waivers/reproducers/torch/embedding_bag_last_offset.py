"""With include_last_offset the last offset is documented to end the last bag; embedding_bag lets it run to the end of the input."""

import torch

words, table = torch.tensor([0, 1, 2]), torch.tensor([[1.0], [2.0], [4.0]], dtype=torch.float64)
y = torch.nn.functional.embedding_bag(words, table, torch.tensor([0, 2]), mode="sum", include_last_offset=True)
torch.testing.assert_close(y, torch.tensor([[3.0]], dtype=torch.float64))
