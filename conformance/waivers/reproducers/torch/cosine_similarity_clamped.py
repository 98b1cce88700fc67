"""With norms 1 below eps = 2 the similarity is x . y / 4, with gradient y / 4; the backward does not see the clamping."""

import torch

x, y = torch.tensor([1.0, 0.0], requires_grad=True), torch.tensor([1.0, 0.0])
similarity = torch.nn.functional.cosine_similarity(x, y, dim=0, eps=2.0)
assert similarity.item() == 0.25
similarity.backward()
assert torch.allclose(x.grad, y / 4), x.grad
