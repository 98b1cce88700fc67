"""ldexp(x, n) of a float n multiplies by 2**n, which overflows while the product, 1e-300 * 2**1030, is about 1e10."""

import torch

x, n = torch.tensor(1e-300, dtype=torch.float64), torch.tensor(1030.0, dtype=torch.float64)
y = torch.ldexp(x, n)
assert y == torch.ldexp(x, n.long()), (y.item(), torch.ldexp(x, n.long()).item())
