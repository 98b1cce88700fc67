"""The gradient of slogdet of complex128 is computed in complex64: through it that of det has eight right digits, here 0.9."""

import paddle

x = paddle.to_tensor([[0.1 + 0.3j, 0.2], [0.7j, 0.9]], dtype="complex128", stop_gradient=False)
sign, log = paddle.linalg.slogdet(x)
(sign * paddle.exp(log)).real().backward()
assert abs(x.grad[0, 0].item() - 0.9) < 1e-14, x.grad[0, 0].item()
