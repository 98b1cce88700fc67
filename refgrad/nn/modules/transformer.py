"""The encoder half of the transformer: attention and a small network, each around a residual connection."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from refgrad.nn import functional as F
from refgrad.nn.modules.attention import MultiheadAttention
from refgrad.nn.modules.container import ModuleList
from refgrad.nn.modules.dropout import Dropout
from refgrad.nn.modules.linear import Linear
from refgrad.nn.modules.module import Module
from refgrad.nn.modules.normalization import LayerNorm
from refgrad.tensor import Tensor


class TransformerEncoderLayer(Module):
    """One encoder layer, normalised after each residual connection (Vaswani et al. 2017), or with `norm_first` before.

    >>> from refgrad import ones
    >>> TransformerEncoderLayer(4, nhead=2, dim_feedforward=8)(ones(3, 1, 4)).shape
    torch.Size([3, 1, 4])
    """

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = F.relu, layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        options = {"bias": bias, "device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout=dropout, batch_first=batch_first, **options)
        self.linear1 = Linear(d_model, dim_feedforward, **options)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, **options)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, eps=layer_norm_eps, **options)
        self.norm2 = LayerNorm(d_model, eps=layer_norm_eps, **options)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.activation = {"relu": F.relu, "gelu": F.gelu}[activation] if isinstance(activation, str) else activation

    def forward(
        self, src: Tensor, src_mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None,
        is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """The encoded sequence."""
        masks = {"attn_mask": src_mask, "key_padding_mask": src_key_padding_mask, "is_causal": is_causal}
        if self.norm_first:
            x = src + self._attended(self.norm1(src), masks)
            return x + self._fed_forward(self.norm2(x))
        x = self.norm1(src + self._attended(src, masks))
        return self.norm2(x + self._fed_forward(x))

    def _attended(self, x: Tensor, masks: dict[str, Any]) -> Tensor:
        return self.dropout1(self.self_attn(x, x, x, need_weights=False, **masks)[0])

    def _fed_forward(self, x: Tensor) -> Tensor:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class TransformerEncoder(Module):
    """Copies of an encoder layer, one after the other."""

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None, **_: Any) -> None:
        super().__init__()
        self.layers = ModuleList([copy.deepcopy(encoder_layer) for _ in range(num_layers)])
        self.num_layers, self.norm = num_layers, norm

    def forward(self, src: Tensor, mask: Tensor | None = None, src_key_padding_mask: Tensor | None = None,
                is_causal: bool = False) -> Tensor:  # fmt: skip
        """The encoded sequence."""
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)
