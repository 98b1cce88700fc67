"""A small transformer: embeddings, one causal block normalised before each part, a head; trained on the next token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance.workloads.model import Arrays, Orders, Workload

BATCH, LENGTH, WIDTH, HEADS, TOKENS = 2, 12, 32, 4, 17


def shapes() -> dict[str, tuple[int, ...]]:
    """The shape of each parameter."""
    return {
        "token.weight": (TOKENS, WIDTH), "position.weight": (LENGTH, WIDTH),
        "norm1.weight": (WIDTH,), "norm1.bias": (WIDTH,),
        "query.weight": (WIDTH, WIDTH), "query.bias": (WIDTH,), "key.weight": (WIDTH, WIDTH), "key.bias": (WIDTH,),
        "value.weight": (WIDTH, WIDTH), "value.bias": (WIDTH,), "out.weight": (WIDTH, WIDTH), "out.bias": (WIDTH,),
        "norm2.weight": (WIDTH,), "norm2.bias": (WIDTH,),
        "wide.weight": (4 * WIDTH, WIDTH), "wide.bias": (4 * WIDTH,),
        "narrow.weight": (WIDTH, 4 * WIDTH), "narrow.bias": (WIDTH,),
        "norm3.weight": (WIDTH,), "norm3.bias": (WIDTH,), "head.weight": (TOKENS, WIDTH),
    }  # fmt: skip


def inputs(rng: np.random.Generator) -> Arrays:
    """Tokens, and after each the token to predict."""
    text = rng.integers(0, TOKENS, (BATCH, LENGTH + 1))
    return {"tokens": text[:, :-1].copy(), "next": text[:, 1:].reshape(-1).copy(), "places": np.arange(LENGTH)}


def _linear(torch: Any, p: Mapping[str, Any], name: str, x: Any) -> Any:
    return torch.nn.functional.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])


def _normalised(torch: Any, p: Mapping[str, Any], name: str, x: Any) -> Any:
    weight, bias = p[f"{name}.weight"], p[f"{name}.bias"]
    return torch.nn.functional.layer_norm(x, normalized_shape=(WIDTH,), weight=weight, bias=bias)


def _attended(torch: Any, p: Mapping[str, Any], x: Any) -> Any:
    """Causal attention in heads: (N, L, E) -> (N, L, E)."""
    split = (BATCH, LENGTH, HEADS, WIDTH // HEADS)
    q, k, v = (
        torch.transpose(torch.reshape(_linear(torch, p, name, x), shape=split), dim0=1, dim1=2)
        for name in ("query", "key", "value")
    )
    y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    return _linear(torch, p, "out", torch.reshape(torch.transpose(y, dim0=1, dim1=2), shape=(BATCH, LENGTH, WIDTH)))


def loss(torch: Any, p: Mapping[str, Any], x: Mapping[str, Any]) -> Any:
    """The cross entropy of the next tokens."""
    F = torch.nn.functional
    h = torch.add(F.embedding(x["tokens"], p["token.weight"]), F.embedding(x["places"], p["position.weight"]))
    h = torch.add(h, _attended(torch, p, _normalised(torch, p, "norm1", h)))
    wide = F.gelu(_linear(torch, p, "wide", _normalised(torch, p, "norm2", h)))
    h = _normalised(torch, p, "norm3", torch.add(h, _linear(torch, p, "narrow", wide)))
    scores = torch.reshape(F.linear(h, p["head.weight"]), shape=(BATCH * LENGTH, TOKENS))
    return F.cross_entropy(scores, x["next"])


_PER_HEAD = dict.fromkeys(("query", "key", "value"), ("heads", "width"))
_ROWS = _PER_HEAD | {"out": ("width", "heads"), "wide": ("wide", "width"), "narrow": ("width", "wide")}


def units(name: str) -> tuple[str | None, ...]:
    """What each dimension of a parameter numbers; tokens and places stay in their order."""
    layer, _, part = name.partition(".")
    if layer in _ROWS:
        return _ROWS[layer] if part == "weight" else _ROWS[layer][:1]
    return ("width",) if layer.startswith("norm") else (None, "width")


def orders(rng: np.random.Generator) -> Orders:
    """The units in any order: heads among themselves, and those of a head alike in queries, keys and values."""
    each = WIDTH // HEADS
    heads = (rng.permutation(HEADS)[:, None] * each + rng.permutation(each)).reshape(-1)
    return {"width": rng.permutation(WIDTH), "wide": rng.permutation(4 * WIDTH), "heads": heads}


TRANSFORMER = Workload(
    "transformer", "a causal transformer block on 2 x 12 tokens", shapes, inputs, loss, units, orders, lr=0.1
)
