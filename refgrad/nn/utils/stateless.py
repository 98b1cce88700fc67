"""Modules as functions of their parameters: called with other tensors in their place, and stacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from refgrad.api.joining import stack
from refgrad.modes import no_grad
from refgrad.nn.modules.batchnorm import _NormBase
from refgrad.nn.modules.module import Module
from refgrad.tensor import Tensor

Tensors = dict[str, Tensor]


def functional_call(
    module: Module, parameter_and_buffer_dicts: Tensors | Sequence[Tensors], args: Any = None,
    kwargs: Mapping[str, Any] | None = None, *, tie_weights: bool = True, strict: bool = False,
) -> Any:  # fmt: skip
    """What the module gives with these tensors in place of its own of the same names.

    Gradients flow to the tensors given; buffers that forward replaces are replaced in the dictionary.

    >>> from refgrad import nn, ones
    >>> functional_call(nn.Linear(1, 1), {"weight": 2 * ones(1, 1), "bias": ones(1)}, ones(1, 1))
    tensor([[3.]])
    """
    given = _merged(parameter_and_buffer_dicts)
    args = () if args is None else args if isinstance(args, tuple) else (args,)
    with _in_place_of_own(module, given, tie_weights=tie_weights, strict=strict):
        return module(*args, **(kwargs or {}))


def _merged(dicts: Any) -> Tensors:
    if isinstance(dicts, dict):
        return dicts
    if not isinstance(dicts, Sequence) or not all(isinstance(d, dict) for d in dicts):
        raise ValueError(
            f"Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got {type(dicts)}"
        )
    keys = [key for d in dicts for key in d]
    repeated = sorted({key for key in keys if keys.count(key) > 1})
    if repeated:
        raise ValueError(f"{repeated} appeared in multiple dictionaries; behavior of functional call is ambiguous")
    return {key: x for d in dicts for key, x in d.items()}


def _places(module: Module) -> dict[str, tuple[dict[str, Any], str]]:
    """Where each parameter and buffer is registered, by dotted name, shared ones under each of theirs."""
    return {
        f"{prefix}.{name}" if prefix else name: (registered, name)
        for prefix, m in module.named_modules(remove_duplicate=False)
        for registered in (m._parameters, m._buffers)
        for name, x in registered.items()
        if x is not None
    }


def _with_ties(given: Tensors, places: Mapping[str, tuple[dict[str, Any], str]]) -> Tensors:
    """The tensors given, also under the other names of what they stand for."""
    names: dict[int, list[str]] = {}
    for key, (registered, name) in places.items():
        names.setdefault(id(registered[name]), []).append(key)
    found = dict(given)
    for tied in names.values():
        known = [key for key in tied if key in given]
        if len({id(given[key]) for key in known}) > 1:
            raise ValueError(
                f"functional_call got different values for {known}, which are tied; pass one, or tie_weights=False"
            )
        found.update(dict.fromkeys(tied, given[known[0]]) if known else {})
    return found


@contextmanager
def _in_place_of_own(module: Module, given: Tensors, *, tie_weights: bool, strict: bool) -> Iterator[None]:
    places = _places(module)
    new = _with_ties(given, places) if tie_weights else dict(given)
    if strict:
        _check_keys(module, new, places)
    for x in new.values():
        if not isinstance(x, Tensor):
            raise TypeError(f"{x} is not an instance of torch.Tensor")
    own = {key: registered[name] for key, (registered, name) in places.items() if key in new}
    for key in own:
        registered, name = places[key]
        registered[name] = new[key]
    try:
        yield
    finally:
        for key, x in own.items():
            registered, name = places[key]
            if key in given:
                given[key] = registered[name]
            registered[name] = x


def _check_keys(module: Module, new: Tensors, places: Mapping[str, Any]) -> None:
    unexpected, missing = sorted(set(new) - set(places)), sorted(set(places) - set(new))
    if unexpected or missing:
        lines = [
            f"{kind} key(s): {', '.join(map(repr, keys))}."
            for kind, keys in (("Unexpected", unexpected), ("Missing", missing))
            if keys
        ]
        raise RuntimeError("\n\t".join([f"Error(s) in reparametrizing for {type(module).__name__}:", *lines]))


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of models of one class, stacked along a new first dimension: new leaves."""
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if len({m.training for m in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if len({type(m) for m in models}) > 1:
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")
    parameters = [dict(m.named_parameters()) for m in models]
    buffers = [dict(m.named_buffers()) for m in models]
    return {k: _stacked([p[k] for p in parameters]) for k in parameters[0]}, {
        k: _stacked([b[k] for b in buffers]) for k in buffers[0]
    }


def _stacked(xs: list[Tensor]) -> Tensor:
    if len({x.requires_grad for x in xs}) > 1:
        raise RuntimeError("Expected all parameters or buffers of one name to agree in requires_grad")
    with no_grad():
        y = stack(xs).detach()
    return y.requires_grad_(xs[0].requires_grad)


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """The module, its batch normalisations no longer keeping running moments, which `vmap` could not update."""
    for module in root.modules():
        if isinstance(module, _NormBase):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root
