"""The backward of pixel_shuffle raises for an empty batch: pixel_unshuffle gives its input's shape back where there is nothing."""

import torch

x, message = torch.empty(0, 4, 1, 2, requires_grad=True), ""
try:
    torch.nn.functional.pixel_shuffle(x, 2).sum().backward()
except RuntimeError as error:
    message = str(error)
assert not message, message
