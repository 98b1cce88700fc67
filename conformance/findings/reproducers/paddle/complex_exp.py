"""exp and sigmoid of complex128 have eight right digits: exp(0.3 + 0.2i) is wrong by 1e-8."""

import numpy as np
import paddle

z = np.array([0.3 + 0.2j, -1.1 + 0.7j])
y = paddle.exp(paddle.to_tensor(z)).numpy()
assert abs(y - np.exp(z)).max() < 1e-13, y
