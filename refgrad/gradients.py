"""The public calls: `backward`, which adds to `.grad`, and `grad`, which gives gradients back. What they are given is
checked here, as PyTorch does; the walk through the graph is in `refgrad.backward`.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple

from refgrad import dtypes
from refgrad.attributes import Size
from refgrad.backends import namespace
from refgrad.backward import Edge, Pass
from refgrad.graph import Node
from refgrad.modes import batching, state
from refgrad.ops.shape import stack
from refgrad.tangents import alias
from refgrad.tensor import Tensor, gradient_edge, masked_as, wrap


class GradientEdge(NamedTuple):
    """A place in the graph: the result `output_nr` of a node. `ownership_token` keeps the node's graph alive."""

    node: Node
    output_nr: int
    ownership_token: Any = None


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Where gradients for the tensor go."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    node, i = _target(tensor)
    return GradientEdge(node.named(), i)


def _sequence(x: Any) -> list[Any]:
    return [x] if isinstance(x, (Tensor, GradientEdge)) else list(x)


def _root(i: int, output: Any) -> Edge:
    if isinstance(output, GradientEdge):
        return output.node, output.output_nr
    found = gradient_edge(output)
    if found is None:
        raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
    if output._inference:
        raise RuntimeError("Inference tensors cannot be used in backward")
    return found


def _meta(output: Any) -> tuple[tuple[int, ...], Any]:
    if isinstance(output, GradientEdge):
        node = output.node
        return (node.shape, node.dtype) if node.metas is None else node.metas[output.output_nr]
    return output._data.shape, output._data.dtype


def _seed(i: int, output: Any, g: Any, *, batched: bool = False) -> Any:
    """The gradient to start with, checked as PyTorch does."""
    shape, dtype = _meta(output)
    if g is None:
        if not (isinstance(output, GradientEdge) or output._edge is not None or output.requires_grad):
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        if shape and math.prod(shape) != 1:
            raise RuntimeError(
                f"grad can be implicitly created only for scalar outputs; this output has shape {tuple(shape)}: pass "
                "gradient="
            )
        if dtype.kind not in "fVO":
            raise RuntimeError(
                f"grad can be implicitly created only for real scalar outputs but got {dtypes.of(dtype)}"
            )
        like = output._data if isinstance(output, Tensor) else None
        return masked_as(output, wrap(namespace(like).ones(shape, dtype)))
    if not isinstance(g, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    if tuple(g.shape[1:] if batched else g.shape) != tuple(shape):
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{i}] has a shape of {g.shape} and output[{i}] has a shape of "
            f"{Size(shape)}."
        )
    if isinstance(output, Tensor) and g.device != output.device:
        raise RuntimeError(f"invalid gradient at index {i} - expected device {output.device} but got {g.device}")
    if (g._data.dtype.kind == "c" and dtype.kind != "c") or (dtype.kind == "c" and g._data.dtype.kind != "c"):
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. "
            f"Mismatch in dtype: grad_output[{i}] has a dtype of {g.dtype} and output[{i}] has a dtype of "
            f"{dtypes.of(dtype)}."
        )
    return g if g._mask is not None or getattr(output, "_mask", None) is None else masked_as(output, alias(g))


def _seeds(outputs: list[Any], grads: Any, *, batched: bool = False) -> list[Any]:
    if grads is None:
        return [_seed(i, o, None) for i, o in enumerate(outputs)]
    given = [grads] if isinstance(grads, Tensor) else list(grads)
    if len(given) < len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(given)} gradients")
    return [_seed(i, o, g, batched=batched) for i, (o, g) in enumerate(zip(outputs, given, strict=False))]


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Adds to the `.grad` of the leaves (or `inputs`) the gradients of the sum of the tensors, each weighted by its
    gradient.

    >>> from refgrad import tensor
    >>> x = tensor(3.0, requires_grad=True)
    >>> backward(x * x)
    >>> x.grad
    tensor(6.)
    """
    if grad_variables is not None:
        warnings.warn("`grad_variables` is deprecated. Use `grad_tensors` instead.", FutureWarning, stacklevel=2)
        if grad_tensors is not None:
            raise RuntimeError(
                "`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. Please only "
                "use `grad_tensors`."
            )
        grad_tensors = grad_variables
    if isinstance(inputs, dict):
        inputs = list(inputs.values())
    if inputs is not None and not isinstance(inputs, (Tensor, GradientEdge)) and len(inputs) == 0:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    if state.transforms:
        raise RuntimeError(
            "backward() called inside a functorch transform. This is not supported, please use functorch.grad or "
            "functorch.vjp instead "
            "or call backward() outside of functorch transforms."
        )
    outputs = _sequence(tensors)
    _check_roots(outputs)
    seeds = _seeds(outputs, grad_tensors)
    roots = [_root(i, o) for i, o in enumerate(outputs)]
    retain = create_graph if retain_graph is None else retain_graph
    if create_graph:
        _warn_of_cycle()
    run = Pass(retain=retain, create=create_graph)
    if inputs is None:
        run.run(roots, seeds, None, into_targets=False)
        return
    wanted = _sequence(inputs)
    for x in wanted:
        if isinstance(x, Tensor):
            x.retain_grad()
    targets = [_target(x) for x in wanted]
    run.run(roots, seeds, targets, into_targets=True)


def _check_roots(outputs: list[Any]) -> None:
    for o in outputs:
        if not isinstance(o, (Tensor, GradientEdge)):
            raise AssertionError(f"expected every root to be a torch.Tensor or a GradientEdge, got {type(o).__name__}")


def _warn_of_cycle() -> None:
    warnings.warn(
        "Using backward() with create_graph=True will create a reference cycle between the parameter and its "
        "gradient which can cause a "
        "memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you have to use "
        "this function, make sure "
        "to reset the .grad fields of your parameters to None after use to break the cycle and avoid the leak.",
        UserWarning,
        stacklevel=3,
    )


def _target(x: Any) -> Edge:
    if isinstance(x, GradientEdge):
        return x.node, x.output_nr
    found = gradient_edge(x)
    if found is None:
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    return found


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """The gradients of the sum of the outputs, each weighted by its `grad_outputs`, with respect to each input.

    >>> from refgrad import tensor
    >>> x = tensor(3.0, requires_grad=True)
    >>> grad(x * x, x)
    (tensor(6.),)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    allow_unused = materialize_grads if allow_unused is None else allow_unused
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for "
            "other parts of the graph, "
            "please use torch.autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    if isinstance(inputs, dict):
        names = list(inputs)
        found = grad(
            outputs,
            list(inputs.values()),
            grad_outputs,
            retain_graph,
            create_graph,
            True,
            allow_unused,
            is_grads_batched,
            materialize_grads,
        )
        return dict(zip(names, found, strict=True))
    outs, wanted = _sequence(outputs), _sequence(inputs)
    retain = create_graph if retain_graph is None else retain_graph
    if is_grads_batched and any(isinstance(x, Tensor) and x._level is not None for x in (*outs, *wanted)):
        return _batched_by_rows(
            outs, wanted, _given(grad_outputs), retain, create_graph, allow_unused, materialize_grads
        )
    if any(isinstance(x, Tensor) and x._level is not None for x in (*outs, *wanted, *_given(grad_outputs))):
        return batching.grad(outs, wanted, grad_outputs, retain, create_graph, allow_unused, materialize_grads)
    seeds = _seeds(outs, grad_outputs, batched=is_grads_batched)
    roots = [_root(i, o) for i, o in enumerate(outs)]
    if any(isinstance(x, Tensor) and not x.requires_grad for x in wanted):
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    targets = [_target(x) for x in wanted]
    if is_grads_batched:
        found = _batch_by_batch(roots, seeds, targets, retain=retain, create=create_graph)
    else:
        found = _captured(roots, seeds, targets, retain=retain, create=create_graph)
    if any(g is None for g in found) and not allow_unused:
        raise RuntimeError(
            "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if "
            "this is the desired behavior."
        )
    if materialize_grads:
        lead = (seeds[0].shape[0],) if is_grads_batched else ()
        found = [_zeros(x, lead) if g is None else g for g, x in zip(found, wanted, strict=True)]
    return tuple(found)


def _batched_by_rows(
    outs: Any, wanted: Any, seeds: Any, retain: bool, create: bool, allow_unused: bool, materialize: bool
) -> tuple[Any, ...]:
    count = seeds[0].shape[0]
    rows = [
        grad(
            outs,
            wanted,
            [s[i] for s in seeds],
            retain or i + 1 < count,
            create,
            allow_unused=allow_unused,
            materialize_grads=materialize,
        )
        for i in range(count)
    ]
    return tuple(None if column[0] is None else stack(*column, dim=0) for column in zip(*rows, strict=True))


def _given(grads: Any) -> list[Any]:
    return [] if grads is None else [grads] if isinstance(grads, Tensor) else list(grads)


def _zeros(x: Any, lead: tuple[int, ...]) -> Tensor:
    shape, dtype = _meta(x)
    return wrap(namespace(x._data if isinstance(x, Tensor) else None).zeros((*lead, *shape), dtype))


def _captured(roots: list[Edge], seeds: list[Any], targets: list[Edge], *, retain: bool, create: bool) -> list[Any]:
    run = Pass(retain=retain, create=create)
    run.run(roots, seeds, targets, into_targets=False)
    return [None if (g := run.captures.get(t)) is None else _own(run._lift(g), seeds) for t in targets]


def _own(g: Tensor, seeds: list[Any]) -> Tensor:
    """A tensor apart from what the user passed in."""
    if any(g is s or g._data is s._data for s in seeds):
        return masked_as(g, alias(g) if g.requires_grad else wrap(g._data))
    return g


def _batch_by_batch(
    roots: list[Edge], seeds: list[Any], targets: list[Edge], *, retain: bool, create: bool
) -> list[Any]:
    """One pass for each gradient of a batch, the results stacked."""
    count = seeds[0].shape[0]
    rows = [
        _captured(roots, [s[i] for s in seeds], targets, retain=retain or i + 1 < count, create=create)
        for i in range(count)
    ]
    return [None if any(g is None for g in column) else stack(*column, dim=0) for column in zip(*rows, strict=True)]


def backward_of(
    self: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """Adds the gradient of this tensor, weighted by `gradient`, to the `.grad` of the leaves."""
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)
