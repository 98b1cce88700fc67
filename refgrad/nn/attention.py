"""Attention with several heads, as the function that `nn.MultiheadAttention` calls."""

from __future__ import annotations

import math
from typing import Any

from refgrad import creation, dtypes
from refgrad.api.activation import linear, softmax
from refgrad.api.joining import cat
from refgrad.nn.dropout_and_embedding import dropout
from refgrad.tensor import Tensor


def _projected(query: Tensor, key: Tensor, value: Tensor, weights: Any, bias: Tensor | None) -> tuple[Tensor, ...]:
    """Each of the three times its weight, plus its part of the bias."""
    parts = (None, None, None) if bias is None else bias.chunk(3)
    return tuple(linear(x, w, b) for x, w, b in zip((query, key, value), weights, parts, strict=True))


def _by_head(x: Tensor, heads: int) -> Tensor:
    """(L, N, E) -> (N, heads, L, E/heads)."""
    length, batch, width = x.shape
    return x.reshape(length, batch, heads, width // heads).permute(1, 2, 0, 3)


def additive(mask: Tensor | None, like: Tensor) -> Tensor | None:
    """A mask as numbers to add: -inf where a boolean one is true."""
    if mask is None or mask.dtype != dtypes.bool:
        return mask
    return creation.zeros_like(mask, dtype=like.dtype).masked_fill(mask, -math.inf)


def _scores_mask(attn_mask: Tensor | None, padding: Tensor | None, like: Tensor, heads: int) -> Tensor | None:
    """The two masks as one, broadcastable to (N, heads, L, S)."""
    mask, padding = additive(attn_mask, like), additive(padding, like)
    if mask is not None and mask.ndim == 3:  # (N * heads, L, S)
        mask = mask.reshape(-1, heads, *mask.shape[1:])
    if padding is None:
        return mask
    padding = padding.reshape(padding.shape[0], 1, 1, padding.shape[1])
    return padding if mask is None else mask + padding


def _grown(mask: Tensor | None) -> Tensor | None:
    """The mask with one more key, which is seen."""
    return (
        None
        if mask is None
        else cat([mask, creation.zeros(*mask.shape[:-1], 1, dtype=mask.dtype, device=mask.device)], -1)
    )


def multi_head_attention_forward(
    query: Tensor, key: Tensor, value: Tensor, embed_dim_to_check: int, num_heads: int, in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None, bias_k: Tensor | None, bias_v: Tensor | None, add_zero_attn: bool, dropout_p: float,
    out_proj_weight: Tensor, out_proj_bias: Tensor | None, training: bool = True,
    key_padding_mask: Tensor | None = None, need_weights: bool = True, attn_mask: Tensor | None = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None, k_proj_weight: Tensor | None = None, v_proj_weight: Tensor | None = None,
    static_k: None = None, static_v: None = None, average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:  # fmt: skip
    """The attended values (L, N, E) and, if needed, the weights (N, L, S): query (L, N, E), key and value (S, N, E)."""
    if static_k is not None or static_v is not None:
        raise NotImplementedError("static_k and static_v: pass keys and values with projection weights instead")
    if query.ndim not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.ndim}-D query tensor"
        )
    batched = query.ndim == 3
    if not batched:
        query, key, value = (x.unsqueeze(1) for x in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, batch, width = query.shape
    if width != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {width}")
    if width % num_heads:
        raise AssertionError(f"embed_dim {width} not divisible by num_heads {num_heads}")
    if is_causal and attn_mask is None:
        raise RuntimeError("Need attn_mask if specifying the is_causal hint.")
    weights = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight.chunk(3)
    q, k, v = _projected(query, key, value, weights, in_proj_bias)
    if bias_k is not None and bias_v is not None:
        k, v = cat([k, bias_k.expand(1, batch, width)]), cat([v, bias_v.expand(1, batch, width)])
        attn_mask, key_padding_mask = _grown(attn_mask), _grown(key_padding_mask)
    if add_zero_attn:
        nothing = creation.zeros(1, batch, width, dtype=k.dtype, device=k.device)
        k, v = cat([k, nothing]), cat([v, nothing])
        attn_mask, key_padding_mask = _grown(attn_mask), _grown(key_padding_mask)
    q, k, v = (_by_head(x, num_heads) for x in (q, k, v))
    scores = (q * math.sqrt(1 / q.shape[-1])) @ k.transpose(-2, -1)
    mask = _scores_mask(attn_mask, key_padding_mask, q, num_heads)
    probabilities = softmax(scores if mask is None else scores + mask, -1)
    probabilities = dropout(probabilities, dropout_p, training) if dropout_p else probabilities
    attended = (probabilities @ v).permute(2, 0, 1, 3).reshape(length * batch, width)
    y = linear(attended, out_proj_weight, out_proj_bias).reshape(length, batch, width)
    shown = None if not need_weights else probabilities.mean(1) if average_attn_weights else probabilities
    if not batched:
        y, shown = y.squeeze(1), None if shown is None else shown.squeeze(0)
    return y, shown
