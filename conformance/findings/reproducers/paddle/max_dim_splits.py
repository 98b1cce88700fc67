"""The gradient of max over a dimension is shared by equal numbers; PyTorch documents that the returned place has all of it."""

import paddle

x = paddle.to_tensor([3.0, 3.0, 1.0], stop_gradient=False)
paddle.max(x, 0).backward()
assert sorted(x.grad.tolist()) == [0.0, 0.0, 1.0], x.grad
