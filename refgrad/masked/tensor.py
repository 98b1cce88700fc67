"""The masked tensor: a tensor, and which of its elements count. How it is made, taken apart and printed; what operators
make of it is in `refgrad.masked.operators`.
"""

from __future__ import annotations

import warnings
from typing import Any, NoReturn, Self

from refgrad.api.indexing import masked_fill
from refgrad.api.shape import clone
from refgrad.conversion import __deepcopy__ as copied
from refgrad.conversion import item, tolist
from refgrad.function import Function
from refgrad.tensor import Tensor, wrap

_DTYPES = frozenset({"float16", "float32", "float64", "bool", "int8", "int16", "int32", "int64"})


class MaskedTensor(Tensor):
    """A tensor whose elements count where the mask is True; made of copies of both, without the history of the data.

    *errors*: TypeError for a mask that is not boolean and for a dtype that PyTorch does not mask, ValueError for shapes
    that differ.

    >>> from refgrad import tensor
    >>> x = MaskedTensor(tensor([1.0, 2.0, 3.0]), tensor([True, False, True]), requires_grad=True)
    >>> x.exp().sum().backward()
    >>> x.grad
    MaskedTensor(
      [  2.7183,       --,  20.0855]
    )
    """

    def __new__(cls, data: Any, mask: Any, requires_grad: bool = False) -> Self:
        _check(data, mask)
        if data.requires_grad:
            warnings.warn(
                "the history of data that requires grad ends in a MaskedTensor made of it: as_masked_tensor keeps it, "
                "and data.detach() says that it is not wanted",
                UserWarning,
                stacklevel=2,
            )
        return with_mask(wrap(clone(data)._data), clone(mask)).requires_grad_(requires_grad)

    def get_data(self) -> Tensor:
        """All elements as an ordinary tensor, those included that do not count; gradients come back masked."""
        return GetData.apply(self)

    def get_mask(self) -> Tensor:
        """Which elements count."""
        return self._mask

    def to_tensor(self, value: Any) -> Tensor:
        """The elements that count as an ordinary tensor, with `value` in the place of the others."""
        return masked_fill(self.get_data(), ~self._mask, value)

    def item(self) -> Any:
        """The one element as a number; ValueError if it does not count."""
        if self._data.size == 1 and not item(self._mask):
            raise ValueError("item(): the one element of this MaskedTensor is masked out")
        return item(self)

    def tolist(self) -> NoReturn:
        raise RuntimeError(
            ".tolist() is not supported for tensor subclasses, got MaskedTensor: use to_tensor(value).tolist()"
        )

    def numpy(self, *, force: bool = False) -> NoReturn:
        raise RuntimeError(".numpy() is not supported for tensor subclasses: use to_tensor(value).numpy()")

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        y = memo[id(self)] = with_mask(copied(self, memo), clone(self._mask))
        return y

    def __reduce_ex__(self, protocol: Any) -> Any:
        _, (_, data, requires_grad, _) = super().__reduce_ex__(protocol)
        return masked_tensor, (wrap(data), self._mask, requires_grad)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        data, mask = tolist(self), tolist(self._mask)
        if not self.ndim:
            return f"MaskedTensor({_written(data) if mask else '--'}, {mask})"
        return f"MaskedTensor(\n{_indented(_text(data, mask, self.ndim))}\n)"


def _check(data: Any, mask: Any) -> None:
    """Raises what PyTorch does for data and a mask that do not go together."""
    for x, name in ((data, "data"), (mask, "mask")):
        if not isinstance(x, Tensor) or is_masked_tensor(x):
            raise TypeError(f"{name} must be a Tensor, not {type(x).__name__}")
    if mask.dtype.name != "bool":
        raise TypeError(f"mask must have dtype bool, not {mask.dtype}")
    if data.dtype.name not in _DTYPES:
        raise TypeError(f"{data.dtype} is not supported in MaskedTensor")
    if data.ndim != mask.ndim:
        raise ValueError(f"data.dim() must equal mask.dim(), but they are {data.ndim} and {mask.ndim}")
    if data.shape != mask.shape:
        raise ValueError(f"data.size() must equal mask.size(), but they are {data.shape} and {mask.shape}")


def is_masked_tensor(obj: Any, /) -> bool:
    """Whether the object is a masked tensor."""
    return isinstance(obj, MaskedTensor)


def masked_tensor(data: Tensor, mask: Tensor, requires_grad: bool = False) -> MaskedTensor:
    """A masked leaf, made of copies of the data and the mask."""
    return MaskedTensor(data, mask, requires_grad)


def as_masked_tensor(data: Tensor, mask: Tensor) -> MaskedTensor:
    """The data with its history, masked: gradients that come to it are masked, also beyond.

    >>> from refgrad import nan, ones, tensor
    >>> x, weights = ones(2, requires_grad=True), tensor([nan, 2.0])
    >>> as_masked_tensor(x * weights, ~weights.isnan()).sum().backward()
    >>> x.grad
    MaskedTensor(
      [      --,   2.0000]
    )
    """
    _check(data, mask)
    return Constructor.apply(data, mask, True)


def with_mask(x: Tensor, mask: Tensor) -> Any:
    """`x` itself, which no one else holds yet, as a masked tensor."""
    x.__class__, x._mask = MaskedTensor, mask
    return x


class Constructor(Function):
    """The data, masked. What comes back stays masked, or else is 0 where it does not count."""

    @staticmethod
    def forward(ctx: Any, data: Tensor, mask: Tensor, stays: bool) -> Tensor:
        ctx.stays = stays
        return with_mask(clone(data), clone(mask))

    @staticmethod
    def backward(ctx: Any, *gs: Tensor) -> Any:
        g = gs[0]
        return g if ctx.stays or not is_masked_tensor(g) else g.to_tensor(0), None, None


class GetData(Function):
    """The data of a masked tensor. What comes back counts where the tensor does, and where it counted already."""

    @staticmethod
    def forward(ctx: Any, x: MaskedTensor) -> Tensor:
        ctx.mask = x._mask
        ctx.saved = {}  # from here on gradients are more than arrays, which the pass sees by this
        return wrap(x._data)

    @staticmethod
    def backward(ctx: Any, *gs: Tensor) -> Tensor:
        g = gs[0]
        if is_masked_tensor(g):
            return as_masked_tensor(g.get_data(), ctx.mask & g._mask)
        return as_masked_tensor(g, ctx.mask)


# --- printing ---------------------------------------------------------------------------------------------------------


def _written(value: Any) -> str:
    return f"{value:8.4f}" if isinstance(value, float) else str(value)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _text(data: list[Any], mask: list[Any], ndim: int) -> str:
    if ndim > 1:
        return "[\n" + ",\n".join(_indented(_text(x, m, ndim - 1)) for x, m in zip(data, mask, strict=True)) + "\n]"
    words = [_written(x) for x in data]
    width = max((len(w) if m else 8 for w, m in zip(words, mask, strict=True)), default=0)
    return "[" + ", ".join(w if m else "--".rjust(width) for w, m in zip(words, mask, strict=True)) + "]"
