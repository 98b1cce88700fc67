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
    found: Any = OrderedDict() if destination is None else destination
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
    from refgrad.nn.modules.module import Module

    return type(module).get_extra_state is not Module.get_extra_state


def load_state_dict(
    self: Any, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
) -> IncompatibleKeys:
    """Copies the tensors into those of the same name (`assign`: takes them instead); says which did not match."""
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
        listed = "\n\t".join(errors)
        raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t{listed}")
    return keys


def _complaint(kind: str, keys: list[str]) -> list[str]:
    listed = ", ".join(f'"{k}"' for k in keys)
    return [f"{kind} key(s) in state_dict: {listed}. "] if keys else []


def _load(
    module: Any,
    given: dict[str, Any],
    prefix: str,
    missing: list[str],
    errors: list[str],
    *,
    strict: bool,
    assign: bool,
) -> set[str]:
    """Loads the module and those below it; gives the keys that were used."""
    for hook in module._load_state_dict_pre_hooks.values():
        hook(module, given, prefix, {}, strict, missing, [], errors)
    own = [(prefix + name, name, x) for name, x in _own_state(module) if x is not None]
    wanted = [key for key, _, _ in own] + [prefix + EXTRA] * _has_extra_state(module)
    missing += [key for key in wanted if key not in given]
    for key, name, x in own:
        if key in given:
            errors += _load_one(module, name, x, key, given[key], assign=assign)
    if wanted[len(own) :] and prefix + EXTRA in given:
        module.set_extra_state(given[prefix + EXTRA])
    used = {key for key in wanted if key in given}
    for name, child in module._modules.items():
        if child is not None:
            used |= _load(child, given, f"{prefix}{name}.", missing, errors, strict=strict, assign=assign)
    return used


def _load_one(module: Any, name: str, x: Tensor, key: str, value: Any, *, assign: bool) -> list[str]:
    """Loads one tensor; gives what is wrong with it."""
    if not isinstance(value, Tensor):
        wanted = "expected torch.Tensor or Tensor-like object from checkpoint but received"
        return [f"While copying the parameter named {key!r}, {wanted} {type(value)}"]
    if x.shape != value.shape:
        shapes = f"copying a param with shape {value.shape} from checkpoint, the shape in current model is {x.shape}"
        return [f"size mismatch for {key}: {shapes}."]
    if assign:
        _assign(module, name, x, value)
    else:
        x.copy_(value)
    return []


def _assign(module: Any, name: str, x: Tensor, value: Tensor) -> None:
    if isinstance(x, Parameter) and not isinstance(value, Parameter):
        value = Parameter(value, requires_grad=x.requires_grad)
    setattr(module, name, value)
