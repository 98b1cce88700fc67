"""Recurrent layers: a cell run along a sequence, in several layers and, if wanted, from both ends."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from refgrad import creation
from refgrad.api.joining import cat, stack
from refgrad.nn import functional as F
from refgrad.nn import init
from refgrad.nn.modules.cells import GRUCell, LSTMCell, RNNCell, gru_step, lstm_step, plain_step
from refgrad.nn.modules.linear import place
from refgrad.nn.modules.module import Module
from refgrad.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]


class _Recurrent(Module):
    """What all have: four parameters for each layer and direction, named as PyTorch names them."""

    gates: ClassVar[int]
    paired = False  # whether the state is a pair: hidden state and cell

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True, batch_first: bool = False,
        dropout: float = 0.0, bidirectional: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers, self.bias = input_size, hidden_size, num_layers, bias
        self.batch_first, self.dropout, self.bidirectional = batch_first, dropout, bidirectional
        rows = self.gates * hidden_size
        for layer in range(num_layers):
            width = hidden_size * (1 + bidirectional) if layer else input_size
            for suffix in self._suffixes(layer):
                shapes = {"weight_ih": (rows, width), "weight_hh": (rows, hidden_size)}
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
                for name, shape in shapes.items():
                    setattr(self, name + suffix, place(*shape, device=device, dtype=dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws all evenly within 1 / sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def _suffixes(self, layer: int) -> tuple[str, ...]:
        return (f"_l{layer}", f"_l{layer}_reverse") if self.bidirectional else (f"_l{layer}",)

    def _step(self, i: Tensor, h: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """The next state, hidden first, from the products of the input and of the hidden state."""
        raise NotImplementedError

    def _run(self, x: Tensor, suffix: str, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """One layer in one direction: x (L, N, width) -> hidden states (L, N, H) and the last state."""
        weight, bias = getattr(self, "weight_hh" + suffix), getattr(self, "bias_hh" + suffix, None)
        products = F.linear(x, getattr(self, "weight_ih" + suffix), getattr(self, "bias_ih" + suffix, None)).unbind(0)
        backwards = suffix.endswith("_reverse")
        outputs = []
        for i in reversed(products) if backwards else products:
            state = self._step(i, F.linear(state[0], weight, bias), state)
            outputs.append(state[0])
        return stack(outputs[::-1] if backwards else outputs), state

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        """The last layer's hidden states (L, N, H), and the last state of each layer (layers, N, H)."""
        batched = input.ndim == 3
        x = input if batched else input.unsqueeze(1)
        x = x.transpose(0, 1) if self.batch_first and batched else x
        if x.shape[-1] != self.input_size:
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {x.shape[-1]}"
            )
        start = self._start(x, hx, batched)
        last, row = [], 0
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = F.dropout(x, self.dropout, self.training)
            runs = []
            for suffix in self._suffixes(layer):
                y, state = self._run(x, suffix, tuple(s[row] for s in start))
                runs.append(y)
                last.append(state)
                row += 1
            x = cat(runs, -1)
        final = tuple(stack(parts) for parts in zip(*last, strict=True))
        if not batched:
            x, final = x.squeeze(1), tuple(s.squeeze(1) for s in final)
        elif self.batch_first:
            x = x.transpose(0, 1)
        return x, final if self.paired else final[0]

    def _start(self, x: Tensor, hx: Any, batched: bool) -> tuple[Tensor, ...]:
        rows = self.num_layers * (1 + self.bidirectional)
        if hx is None:
            nothing = creation.zeros(rows, x.shape[1], self.hidden_size, dtype=x.dtype, device=x.device)
            return (nothing, nothing) if self.paired else (nothing,)
        given = tuple(hx) if self.paired else (hx,)
        return given if batched else tuple(s.unsqueeze(1) for s in given)

    def extra_repr(self) -> str:
        """The sizes, and the options that are not the usual ones."""
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        changed = [f"{k}={getattr(self, k)}" for k, v in usual.items() if getattr(self, k) != v]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *changed])


class LSTM(_Recurrent):
    """Long short-term memory along a sequence.

    >>> from refgrad import ones
    >>> y, (h, c) = LSTM(3, 2, num_layers=2)(ones(5, 1, 3))
    >>> y.shape, h.shape
    (torch.Size([5, 1, 2]), torch.Size([2, 1, 2]))
    """

    gates, paired = 4, True

    def _step(self, i: Tensor, h: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return lstm_step(i, h, state[1])


class GRU(_Recurrent):
    """Gated recurrent units along a sequence."""

    gates = 3

    def _step(self, i: Tensor, h: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (gru_step(i, h, state[0]),)


class RNN(_Recurrent):
    """A plain recurrent network along a sequence."""

    gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", **options: Any
    ) -> None:
        super().__init__(input_size, hidden_size, num_layers, **options)
        self.nonlinearity = nonlinearity

    def _step(self, i: Tensor, h: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (plain_step(i, h, state[0], self.nonlinearity),)
