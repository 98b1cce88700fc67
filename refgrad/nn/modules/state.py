"""The state of a module as a dictionary of tensors: taken out, and loaded again."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Iterator, Mapping
from typing import Any

from refgrad.modes import no_grad
from refgrad.nn.parameter import Parameter
from refgrad.tensor import Tensor

EXTRA = "_extra_state"


class IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):  # noqa: PYI024 - PyTorch's type
    """The keys that were missing, and those that had no place."""

    __slots__ = ()

    def __repr__(self) -> str:
        return super().__repr__() if self.missing_keys or self.unexpected_keys else "<All keys matched successfully>"


def _own_state(module: Any) -> Iterator[tuple[str, Tensor | None]]:
    """The module's own parameters and persistent buffers, by name."""
    yield from module._parameters.items()
    yield from ((n, b) for n, b in module._buffers.items() if n not in module._non_persistent_buffers_set)


def state_dict(self: Any, *, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> dict[str, Any]:
    """The parameters and persistent buffers by name, detached but on the same storage; with `keep_vars` themselves."""
    found = OrderedDict() if destination is None else destination
    if destination is None:
        found._metadata = OrderedDict()
    if hasattr(found, "_metadata"):
        found._metadata[prefix.removesuffix(".")] = {"version": self._version}
    for name, x in _own_state(self):
        if x is not None:
            found[prefix + name] = x if keep_vars else x.detach()
    if _has_extra_state(self):
        found[prefix + EXTRA] = self.get_extra_state()
    for name, child in self._modules.items():
        if child is not None:
            child.state_dict(destination=found, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
    for hook in self._state_dict_hooks.values():
        hook(self, found, prefix, {"version": self._version})
    return found


def _has_extra_state(module: Any) -> bool:
    from refgrad.nn.modules.module import Module  # noqa: PLC0415 - which has these functions as its methods

    return type(module).get_extra_state is not Module.get_extra_state


def load_state_dict(
    self: Any, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
) -> IncompatibleKeys:
    """Copies the tensors into those of the same name, in place (`assign`: takes them instead); says which did not match."""
    if not isinstance(state_dict, Mapping):
        raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
    missing: list[str] = []
    errors: list[str] = []
    with no_grad():
        used = _load(self, dict(state_dict), "", missing, errors, strict=strict, assign=assign)
    unexpected = [key for key in state_dict if key not in used]
    keys = IncompatibleKeys(missing, unexpected)
    for hook in self._load_state_dict_post_hooks.values():
        hook(self, keys)
    if strict:
        errors = [*_complaint("Missing", missing), *_complaint("Unexpected", unexpected), *errors]
    if errors:
        raise RuntimeError(
            f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{chr(10).join(errors).replace(chr(10), chr(10) + chr(9))}"
        )
    return keys


def _complaint(kind: str, keys: list[str]) -> list[str]:
    listed = ", ".join(f'"{k}"' for k in keys)
    return [f"{kind} key(s) in state_dict: {listed}. "] if keys else []


def _load(
    module: Any, given: dict[str, Any], prefix: str, missing: list[str], errors: list[str], *, strict: bool, assign: bool
) -> set[str]:
    """Loads the module and those below it; gives the keys that were used."""
    used = set()
    for hook in module._load_state_dict_pre_hooks.values():
        hook(module, given, prefix, {}, strict, missing, [], errors)
    for name, x in list(_own_state(module)):
        key = prefix + name
        if x is None:
            continue
        if key not in given:
            missing.append(key)
            continue
        used.add(key)
        error = _mismatch(key, x, given[key])
        if error:
            errors.append(error)
        elif assign:
            _assign(module, name, x, given[key])
        else:
            x.copy_(given[key])
    if _has_extra_state(module) and prefix + EXTRA in given:
        used.add(prefix + EXTRA)
        module.set_extra_state(given[prefix + EXTRA])
    elif _has_extra_state(module):
        missing.append(prefix + EXTRA)
    for name, child in module._modules.items():
        if child is not None:
            used |= _load(child, given, f"{prefix}{name}.", missing, errors, strict=strict, assign=assign)
    return used


def _mismatch(key: str, x: Tensor, value: Any) -> str | None:
    if not isinstance(value, Tensor):
        return f"While copying the parameter named {key!r}, expected torch.Tensor or Tensor-like object from checkpoint but received {type(value)}"
    if x.shape != value.shape:
        return f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, the shape in current model is {x.shape}."
    return None


def _assign(module: Any, name: str, x: Tensor, value: Tensor) -> None:
    if isinstance(x, Parameter) and not isinstance(value, Parameter):
        value = Parameter(value, requires_grad=x.requires_grad)
    setattr(module, name, value)
