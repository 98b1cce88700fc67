"""The backward of pixel_shuffle raises for an empty batch: pixel_unshuffle gives its input's shape back where there is nothing."""

import torch

x = torch.empty(0, 4, 1, 2, requires_grad=True)
torch.nn.functional.pixel_shuffle(x, 2).sum().backward()
assert x.grad.shape == x.shape
