"""Recurrent cells: one step each, of the plain, the LSTM and the GRU kind."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from refgrad import creation
from refgrad.nn import functional as F
from refgrad.nn import init
from refgrad.nn.modules.linear import place
from refgrad.nn.modules.module import Module
from refgrad.tensor import Tensor

Pair = tuple[Tensor, Tensor]


def plain_step(i: Tensor, h: Tensor, _state: Tensor, nonlinearity: str) -> Tensor:
    """The next hidden state, from the two products: input (N, H) and hidden (N, H)."""
    return (i + h).tanh() if nonlinearity == "tanh" else F.relu(i + h)


def lstm_step(i: Tensor, h: Tensor, cell: Tensor) -> Pair:
    """The next hidden state and cell, from the products (N, 4H): Hochreiter & Schmidhuber 1997, with a forget gate."""
    take, forget, new, give = (i + h).chunk(4, -1)
    cell = forget.sigmoid() * cell + take.sigmoid() * new.tanh()
    return give.sigmoid() * cell.tanh(), cell


def gru_step(i: Tensor, h: Tensor, hidden: Tensor) -> Tensor:
    """The next hidden state, from the two products (N, 3H): Cho et al. 2014, with the reset after the product."""
    (reset_i, update_i, new_i), (reset_h, update_h, new_h) = i.chunk(3, -1), h.chunk(3, -1)
    update = (update_i + update_h).sigmoid()
    new = (new_i + (reset_i + reset_h).sigmoid() * new_h).tanh()
    return new + update * (hidden - new)


class _Cell(Module):
    """What all cells have: a weight and a bias for the input, and the same for the hidden state."""

    gates: ClassVar[int]

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows, options = self.gates * hidden_size, {"device": device, "dtype": dtype}
        self.weight_ih, self.weight_hh = place(rows, input_size, **options), place(rows, hidden_size, **options)
        self.register_parameter("bias_ih", place(rows, **options) if bias else None)
        self.register_parameter("bias_hh", place(rows, **options) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws all evenly within 1 / sqrt(hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size) if self.hidden_size else 0
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def _products(self, input: Tensor, hidden: Tensor) -> Pair:
        if input.shape[-1] != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {input.shape[-1]} expected {self.input_size}")
        return F.linear(input, self.weight_ih, self.bias_ih), F.linear(hidden, self.weight_hh, self.bias_hh)

    def _start(self, input: Tensor) -> Tensor:
        return creation.zeros(*input.shape[:-1], self.hidden_size, dtype=input.dtype, device=input.device)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else f", bias={self.bias}")


class LSTMCell(_Cell):
    """One step of an LSTM: (N, input_size) and a pair of (N, hidden_size) -> the next pair.

    >>> from refgrad import ones
    >>> h, c = LSTMCell(3, 2)(ones(1, 3))
    >>> h.shape, c.shape
    (torch.Size([1, 2]), torch.Size([1, 2]))
    """

    gates = 4

    def forward(self, input: Tensor, hx: Pair | None = None) -> Pair:
        """The next hidden state and cell."""
        hidden, cell = (self._start(input), self._start(input)) if hx is None else hx
        return lstm_step(*self._products(input, hidden), cell)


class GRUCell(_Cell):
    """One step of a GRU."""

    gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next hidden state."""
        hidden = self._start(input) if hx is None else hx
        return gru_step(*self._products(input, hidden), hidden)


class RNNCell(_Cell):
    """One step of a plain recurrent network."""

    gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias, device, dtype)
        if nonlinearity not in {"tanh", "relu"}:
            raise RuntimeError(f"Unknown nonlinearity: {nonlinearity}")
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """The next hidden state."""
        hidden = self._start(input) if hx is None else hx
        return plain_step(*self._products(input, hidden), hidden, self.nonlinearity)

    def extra_repr(self) -> str:
        """The sizes, and the nonlinearity if it is not tanh."""
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")
