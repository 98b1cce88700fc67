"""The erf that gelu uses in float32 is off by more than the erf of the same release: four units in the last place of 1."""

import torch

x = torch.linspace(-4.0, -1.0, 3000)
inner = 2 * torch.nn.functional.gelu(x).double() / x.double() - 1  # erf(x / √2)
true = torch.erf(x.double() / 2**0.5)
assert (inner - true).abs().max() < 4 * 2.0**-24, (inner - true).abs().max() * 2**24
