"""PyTorch's dtypes, each with the array dtype that holds it, and the one place where types are promoted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refgrad.backends import namespace

xp = namespace()  # whose names of dtypes every backend takes

BOOL, INTEGER, FLOATING, COMPLEX = range(4)


class dtype:  # noqa: N801, the public name is PyTorch's
    """A type of element. `array` is the array library's own.

    >>> float32.itemsize, float32.is_floating_point, complex64.is_complex
    (4, True, True)
    """

    __slots__ = ("array", "category", "is_complex", "is_floating_point", "itemsize", "kind", "name")

    def __init__(self, name: str, array: Any, category: int) -> None:
        self.name, self.array, self.category = name, xp.dtype(array), category
        self.itemsize = self.array.itemsize
        self.is_floating_point, self.is_complex = category == FLOATING, category == COMPLEX
        self.kind = "bifc"[category]
        _BY_ARRAY[self.array] = self

    @property
    def is_signed(self) -> bool:
        """Whether negative numbers can be held."""
        return self.name not in {"bool", "uint8", "uint16", "uint32", "uint64"}

    def to_complex(self) -> dtype:
        """The complex type of this precision."""
        return {8: complex128, 4: complex64, 2: complex64}[self.itemsize] if self.is_floating_point else self

    def to_real(self) -> dtype:
        """The real type of this precision."""
        return {16: float64, 8: float32}[self.itemsize] if self.is_complex else self

    def __eq__(self, other: object) -> bool:
        return self is other or (not isinstance(other, dtype) and self.array == other)

    def __hash__(self) -> int:
        return hash(self.array)

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name


_BY_ARRAY: dict[Any, dtype] = {}

uint8 = dtype("uint8", "uint8", INTEGER)
uint16 = dtype("uint16", "uint16", INTEGER)
uint32 = dtype("uint32", "uint32", INTEGER)
uint64 = dtype("uint64", "uint64", INTEGER)
int8 = dtype("int8", "int8", INTEGER)
int16 = short = dtype("int16", "int16", INTEGER)
int32 = int = dtype("int32", "int32", INTEGER)
int64 = long = dtype("int64", "int64", INTEGER)
bool = dtype("bool", "bool", BOOL)
bfloat16 = dtype("bfloat16", xp.bfloat16, FLOATING)
float16 = half = dtype("float16", "float16", FLOATING)
float32 = float = dtype("float32", "float32", FLOATING)
float64 = double = dtype("float64", "float64", FLOATING)
complex64 = cfloat = dtype("complex64", "complex64", COMPLEX)
complex128 = cdouble = dtype("complex128", "complex128", COMPLEX)

HALF = frozenset({float16.array, bfloat16.array})
"""Types whose arithmetic is done in float32 and rounded once per operator."""

_default = [float32]
_ORDER = [
    bool,
    uint8,
    int8,
    uint16,
    int16,
    uint32,
    int32,
    uint64,
    int64,
    float16,
    bfloat16,
    float32,
    float64,
    complex64,
    complex128,
]
_RANK = {d: i for i, d in enumerate(_ORDER)}


def get_default_dtype() -> dtype:
    """The type of floats that are made without saying which."""
    return _default[0]


def set_default_dtype(d: dtype) -> None:
    """Makes `d` the type of floats that are made without saying which."""
    if not isinstance(d, dtype) or not d.is_floating_point:
        raise TypeError(f"only floating-point types are supported as the default type, got {d}")
    _default[0] = d


def of(array_dtype: Any) -> dtype:
    """The dtype that an array's own stands for (balls stand for their own)."""
    found = _BY_ARRAY.get(array_dtype)
    return array_dtype if found is None else found


def to_array(d: Any) -> Any:
    """The array dtype of a dtype, a Python type or an array dtype."""
    if isinstance(d, dtype):
        return d.array
    return get_default_dtype().array if d is type(1.0) else xp.dtype(d)  # noqa: UP003 - the name stands for a dtype here


def of_number(x: Any) -> dtype:
    """The dtype of a tensor made of one Python number."""
    if isinstance(x, type(True)):  # noqa: UP003 - the name stands for a dtype here
        return bool
    if isinstance(x, type(1)):  # noqa: UP003 - the name stands for a dtype here
        return int64
    return get_default_dtype().to_complex() if isinstance(x, complex) else get_default_dtype()


def promote_types(a: dtype, b: dtype) -> dtype:
    """The smallest dtype that both can be cast to, as PyTorch chooses it.

    >>> promote_types(int64, float16), promote_types(float16, bfloat16), promote_types(uint8, int8)
    (torch.float16, torch.float32, torch.int16)
    """
    if a is b:
        return a
    if a.category != b.category:
        low, high = (a, b) if a.category < b.category else (b, a)
        if high is complex64 and low is float64:
            return complex128
        return high
    if {a, b} == {float16, bfloat16}:
        return float32
    if a.category == INTEGER and a.is_signed != b.is_signed:
        unsigned, signed = (b, a) if a.is_signed else (a, b)
        if signed.itemsize > unsigned.itemsize:
            return signed
        return {1: int16, 2: int32}.get(unsigned.itemsize, int64)
    return a if _RANK[a] > _RANK[b] else b


def result_type(dimensioned: Iterable[dtype], zero_dim: Iterable[dtype], numbers: Iterable[Any]) -> dtype:
    """The dtype of an operation: 0-d tensors and numbers count only if their category is higher (bool < int < float <
    complex).
    """
    result: dtype | None = None
    for group in (dimensioned, zero_dim, map(of_number, numbers)):
        joined: dtype | None = None
        for d in group:
            joined = d if joined is None else promote_types(joined, d)
        if joined is None:
            continue
        if result is None:
            result = joined
        elif joined.category > result.category:
            result = result.to_complex() if joined.is_complex and result.is_floating_point else joined
    return float32 if result is None else result
