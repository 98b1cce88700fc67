"""What belongs to a module: parameters, buffers and submodules, registered by calls or by assigning attributes."""

from __future__ import annotations

from typing import Any

from refgrad.nn.parameter import Buffer, Parameter
from refgrad.tensor import Tensor

KINDS = ("_parameters", "_buffers", "_modules")


def type_name(x: Any) -> str:
    """The name of the object's type, as messages give it."""
    return x.type() if isinstance(x, Tensor) else type(x).__name__


def _check_name(module: Any, name: Any, kind: str, place: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"{kind} name should be a string. Got {type_name(name)}")
    if place not in module.__dict__:
        raise AttributeError(f"cannot assign {kind} before Module.__init__() call")
    if "." in name:
        raise KeyError(f'{kind} name can\'t contain "."')
    if not name:
        raise KeyError(f'{kind} name can\'t be empty string ""')
    if hasattr(module, name) and name not in module.__dict__[place]:
        raise KeyError(f"attribute '{name}' already exists")


def register_parameter(self: Any, name: str, param: Parameter | None) -> None:
    """Adds a parameter, or with None a place for one."""
    _check_name(self, name, "parameter", "_parameters")
    if param is not None and not isinstance(param, Parameter):
        raise TypeError(
            f"cannot assign '{type_name(param)}' object to parameter '{name}' (torch.nn.Parameter or None required)"
        )
    if param is not None and param.grad_fn is not None:
        raise ValueError(
            f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created explicitly. To "
            f"express '{name}' as a function of another Tensor, compute the value in the forward() method."
        )
    self._parameters[name] = param


def register_buffer(self: Any, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
    """Adds a buffer: it moves with the module, and if persistent is part of its state_dict."""
    _check_name(self, name, "buffer", "_buffers")
    if tensor is not None and not isinstance(tensor, Tensor):
        raise TypeError(
            f"cannot assign '{type_name(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
        )
    self._buffers[name] = tensor
    (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)


def add_module(self: Any, name: str, module: Any) -> None:
    """Adds a submodule."""
    if module is not None and "_modules" not in getattr(module, "__dict__", {}):
        raise TypeError(f"{type_name(module)} is not a Module subclass")
    _check_name(self, name, "module", "_modules")
    self._modules[name] = module


# --- as attributes ----------------------------------------------------------------------------------------------------


def set_attribute(self: Any, name: str, value: Any) -> None:
    """Registers parameters, buffers and modules; whatever stood under the name makes way."""
    if isinstance(value, Parameter):
        _require_init(self, "parameters")
        forget(self, name, besides="_parameters")
        register_parameter(self, name, value)
    elif "_modules" in getattr(value, "__dict__", ()):
        _require_init(self, "module")
        forget(self, name, besides="_modules")
        self._modules[name] = value
    elif not _replace(self, name, value):
        if isinstance(value, Buffer):
            _require_init(self, "buffer")
            forget(self, name, besides="_buffers")
            register_buffer(self, name, value, value.persistent)
        else:
            object.__setattr__(self, name, value)


def _require_init(module: Any, what: str) -> None:
    if "_parameters" not in module.__dict__:
        raise AttributeError(f"cannot assign {what} before Module.__init__() call")


_ALLOWED = {
    "_parameters": ("parameter", "torch.nn.Parameter or None expected", type(None)),
    "_modules": ("child module", "torch.nn.Module or None expected", type(None)),
    "_buffers": ("buffer", "torch.nn.Buffer, torch.Tensor or None expected", (Tensor, type(None))),
}


def _replace(module: Any, name: str, value: Any) -> bool:
    """Whether something is registered under the name; then the value, which must be fit for its place, replaces it."""
    for place, (what, expected, allowed) in _ALLOWED.items():
        registered = module.__dict__.get(place, {})
        if name in registered:
            if not isinstance(value, allowed):
                raise TypeError(f"cannot assign '{type_name(value)}' as {what} '{name}' ({expected})")
            registered[name] = value
            return True
    return False


def get_attribute(self: Any, name: str) -> Any:
    """What is registered under the name."""
    own = self.__dict__
    for place in KINDS:
        registered = own.get(place)
        if registered is not None and name in registered:
            return registered[name]
    raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")


def forget(self: Any, name: str, *, besides: str = "") -> None:
    """Takes the name away, wherever it stands."""
    for place in KINDS:
        if place != besides:
            self.__dict__.get(place, {}).pop(name, None)
    self.__dict__.pop(name, None)
    self.__dict__.get("_non_persistent_buffers_set", set()).discard(name)


def delete_attribute(self: Any, name: str) -> None:
    """Removes an attribute or what is registered under its name."""
    if any(name in self.__dict__.get(place, {}) for place in KINDS):
        forget(self, name)
    else:
        object.__delattr__(self, name)
