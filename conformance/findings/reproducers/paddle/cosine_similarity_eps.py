"""cosine_similarity holds eps against the product of both norms; PyTorch against each: 1e-4 / (40 * 40), not / 40."""

import paddle

x = paddle.to_tensor([[0.01, 0.0]])
y = paddle.nn.functional.cosine_similarity(x, x, axis=1, eps=40.0).item()
assert abs(y / 6.25e-8 - 1) < 1e-3, y
