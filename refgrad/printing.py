"""The text of tensors, as PyTorch prints them."""

from __future__ import annotations

from typing import Any

from refgrad import dtypes
from refgrad.backends import namespace, to_host
from refgrad.modes import state
from refgrad.tensor import Tensor, leaves_behind, wrap

_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80, "sci_mode": None},
    "full": {"precision": 4, "threshold": 1 << 62, "edgeitems": 3, "linewidth": 80, "sci_mode": None},
}
_OPTIONS = dict(_PROFILES["default"])


def set_printoptions(
    precision: int | None = None,
    threshold: int | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors are printed from now on; a profile (default, short, full) first sets everything to its values."""
    if profile is not None:
        _OPTIONS.update(_PROFILES[profile])
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
        "sci_mode": sci_mode,
    }
    _OPTIONS.update({k: v for k, v in given.items() if v is not None})


def tensor_text(x: Tensor) -> str:
    """The elements and what is out of the ordinary about the tensor."""
    name = "Parameter containing:\n" if type(x).__name__ == "Parameter" else ""
    return name + _text(x)


def _text(x: Tensor) -> str:
    if x._level is not None:
        return f"BatchedTensor(lvl={x._level}, value=\n{x._value!r}\n)"
    if x.requires_grad and not state.transforms and _is_dead(x):
        return f"GradTrackingTensor(lvl=1, value=\n{_text(wrap(x._data))}\n)"
    data = to_host(x._data)
    parts = ["..." if x._meta else _elements(data)]
    if x._meta:
        parts += ["device='meta'", f"size={tuple(x.shape)}"]
    elif not data.size and data.ndim != 1:
        parts.append(f"size={tuple(data.shape)}")
    default = (
        x.dtype in (dtypes.get_default_dtype(), dtypes.int64, dtypes.bool)
        or x.dtype == dtypes.get_default_dtype().to_complex()
    )
    if x.device.type == "cuda":
        parts.append(f"device='{x.device}'")
    if not default or (not data.size and x.dtype.category != dtypes.FLOATING):
        parts.append(f"dtype={x.dtype}")
    if x.grad_fn is not None:
        parts.append(f"grad_fn=<{x.grad_fn.name()}>")
    elif x.requires_grad:
        parts.append("requires_grad=True")
    if x._tangents:
        parts.append(f"tangent={next(iter(x._tangents.values()))!r}")
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    """The elements, and behind them what else there is to say: on a line of its own where the line would be too long."""
    text, *others = f"tensor({parts[0]}", *parts[1:]
    length = len(text) - text.rfind("\n") + 1
    for part in others:
        if length + len(part) + 2 > _OPTIONS["linewidth"]:
            text, length = f"{text},\n{' ' * 7}{part}", 7 + len(part)
        else:
            text, length = f"{text}, {part}", length + len(part) + 2
    return f"{text})"


def _is_dead(x: Tensor) -> bool:
    """Whether it was computed inside a function transform that has ended."""
    return any(leaf._internal for leaf in leaves_behind(x))


def _elements(data: Any) -> str:
    if not data.size:
        return "[]"
    if data.dtype.kind == "V":
        data = data.astype("float32")
    shown = _summary(data) if data.size > _OPTIONS["threshold"] else data
    write = _writer(shown)
    return _nested(data, write, 7, data.size > _OPTIONS["threshold"])


def _summary(data: Any) -> Any:
    edge = _OPTIONS["edgeitems"]
    for d, n in enumerate(data.shape):
        if n > 2 * edge:
            data = namespace().take(data, [*range(edge), *range(n - edge, n)], axis=d)
    return data


def _writer(data: Any) -> Any:
    kind = data.dtype.kind
    if kind == "b":
        width = max(len(str(bool(v))) for v in data.reshape(-1))
        return lambda v: str(bool(v)).rjust(width)
    if kind in "iu":
        width = max(len(str(v)) for v in data.reshape(-1))
        return lambda v: str(v).rjust(width)
    if kind == "c":
        real, imag = _writer(data.real), _writer(namespace().abs(data.imag))
        return lambda v: f"{real(v.real)}{'-' if str(v.imag).startswith('-') else '+'}{imag(abs(v.imag)).strip()}j"
    return _float_writer(data)


def _float_writer(data: Any) -> Any:
    values = [float(v) for v in data.reshape(-1)]
    finite = [abs(v) for v in values if v == v and abs(v) != float("inf") and v != 0]  # noqa: PLR0124 - only NaN differs from itself
    precision, whole, scientific = _OPTIONS["precision"], all(v == int(v) for v in finite), False
    if finite:
        largest, smallest = max(finite), min(finite)
        scientific = largest / smallest > 1000 or largest > 1e8 or smallest < 1e-4
    if _OPTIONS["sci_mode"] is not None:
        scientific = _OPTIONS["sci_mode"]

    def one(v: float) -> str:
        if scientific:
            return f"{v:.{precision}e}"
        if v != v or abs(v) == float("inf"):  # noqa: PLR0124 - only NaN differs from itself
            return str(v)
        return f"{v:.0f}." if whole else f"{v:.{precision}f}"

    # As in PyTorch, zeros, infinities and nan do not widen the columns.
    width = max((len(one(v)) for v in values if v and abs(v) < float("inf")), default=1)
    return lambda v: one(float(v)).rjust(width)


def _nested(data: Any, write: Any, indent: int, summarise: bool) -> str:
    if not data.ndim:
        return write(data[()]).strip() if data.dtype.kind in "fc" else write(data[()])
    edge, n = _OPTIONS["edgeitems"], data.shape[0]
    cut = summarise and n > 2 * edge
    picked = [*range(edge), None, *range(n - edge, n)] if cut else range(n)
    if data.ndim == 1:
        return _line([" ..." if i is None else write(data[i]) for i in picked], indent)
    rows = ["..." if i is None else _nested(data[i], write, indent + 1, summarise) for i in picked]
    return "[" + ("," + "\n" * (data.ndim - 1) + " " * (indent + 1)).join(rows) + "]"


def _line(words: list[str], indent: int) -> str:
    per_line = max(1, (_OPTIONS["linewidth"] - indent) // (max(map(len, words)) + 2))
    lines = [", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
