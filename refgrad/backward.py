"""The engine: walks the graph from the roots, iteratively, in PyTorch's order, and hands out what arrives.

Gradients are bare arrays; they are tensors when the pass itself is recorded (`create_graph`) or carries tangents.
"""

from __future__ import annotations

import heapq
import math
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

from refgrad import dtypes
from refgrad.backends import namespace
from refgrad.graph import FREED, AccumulateGrad, Node, check_versions
from refgrad.modes import batching, state
from refgrad.ops.shape import stack
from refgrad.record import alias
from refgrad.rules import Meta, cast, conform
from refgrad.saved import unpack_saved
from refgrad.tensor import Size, Tensor, gradient_edge, wrap

Edge = tuple[Node, int]
F32, F64 = dtypes.float32.array, dtypes.float64.array


class Pass:
    """One backward pass."""

    __slots__ = (
        "__weakref__",
        "buffers",
        "captures",
        "create",
        "dependencies",
        "ends",
        "finished",
        "journal",
        "needed",
        "retain",
        "starts",
        "targets",
        "tensors",
        "wanted",
    )

    def __init__(self, *, retain: bool, create: bool) -> None:
        self.retain, self.create = retain, create
        self.buffers: dict[Node, Any] = {}  # gradients so far: of the result, or a list, one for each result
        self.captures: dict[Edge, Any] = {}  # what arrived at the edges that were asked for
        self.journal: list[Any] = []  # what to undo if the pass fails
        self.finished: list[Any] = []  # callbacks at the end
        self.tensors = create  # whether gradients are tensors
        self.targets = self.ends = self.needed = self.wanted = None  # with inputs given: edges, their nodes, …

    def run(
        self, roots: Sequence[Edge], grads: Sequence[Any], targets: Sequence[Edge] | None, *, into_targets: bool
    ) -> None:
        """Sends the gradients `grads` from the roots to all leaves, or to `targets` only."""
        before = state.grad, state.running
        self._count(roots)
        for g in grads:
            if isinstance(g, Tensor) and g.requires_grad:
                self.tensors = True  # a custom backward is to see the history of the gradient it gets
        if targets is not None:
            self.targets = set(targets)
            self._choose(targets, into_targets)
        for (node, i), g in zip(roots, grads, strict=True):
            self._add(node, i, g if self.tensors or not isinstance(g, Tensor) else g._data)
        self.starts = dict(roots).keys()
        state.grad, state.running = self.create, self
        try:
            self._walk(self.starts)
            for done in self.finished:
                done()
        except BaseException:
            for undo in reversed(self.journal):
                undo()
            raise
        finally:
            state.grad, state.running = before

    def _count(self, roots: Sequence[Edge]) -> None:
        """How many edges lead to each node that can be reached."""
        self.dependencies = counts = {}
        for node, _ in roots:
            counts[node] = 0
        stack = list(counts)
        while stack:
            node = stack.pop()
            if node.saved is not None and _carries_tangents(node):
                self.tensors = True
            for e in node.edges:
                if e is not None:
                    following = e[0]
                    n = counts.get(following)
                    if n is None:
                        counts[following] = 1
                        stack.append(following)
                    else:
                        counts[following] = n + 1

    def _choose(self, targets: Sequence[Edge], into_targets: bool) -> None:
        """Which nodes must run, since a target is reached from them, and which gradients are wanted."""
        self.ends = ends = {node for node, _ in targets}
        self.needed = needed = {node for node in ends if into_targets and node in self.dependencies}
        for node in sorted(self.dependencies, key=_age):
            if any(e is not None and (e[0] in needed or e[0] in ends) for e in node.edges):
                needed.add(node)
        self.wanted = needed | ends

    def will_run(self, node: Node) -> bool:
        """Whether gradients for this node's results are computed in this pass."""
        return self.wanted is None or node in self.wanted

    def _walk(self, starts: set[Node]) -> None:  # noqa: C901, PLR0912 - one loop, since calls would cost a third of its time
        counts, wanted, buffers = self.dependencies, self.wanted, self.buffers
        ready = sorted([(-n.sequence, n) for n in starts if counts[n] == 0])
        usual = wanted is None and not self.tensors and not state.anomaly
        node = None
        while node is not None or ready:
            if node is None:
                node = heapq.heappop(ready)[1]
            g = buffers.pop(node, None)
            if (
                usual
                and g is not None
                and node.hooks is None
                and node.saved is None
                and ((d := node.dtype) is F64 or d is F32)
                and node.plan
            ):
                for cell, version in node.checks:
                    if cell[0] != version:
                        check_versions(node)
                y, xs, attrs, edges = node.y, node.xs, node.attrs, node.edges
                following = None
                for i, pull in node.plan.pulls:
                    target, k = edges[i]
                    c = pull(g, y, xs, attrs)
                    if target.metas is None:
                        if c.dtype is not target.dtype or c.shape != target.shape:
                            c = conform(c, target.shape, target.dtype)
                        held = buffers.get(target)
                        buffers[target] = c if held is None else held + c
                    else:
                        self._add(target, k, c)
                    n = counts[target] = counts[target] - 1
                    if not n:
                        if following is None:
                            following = target
                        else:
                            heapq.heappush(ready, (-target.sequence, target))
                if node.plan.keeps and not self.retain:
                    node.xs = node.y = xs = y = None
                    node.checks = FREED
            else:
                following = self._step(node, g, ready)
            # a chain goes on without a detour through the queue
            if following is not None and ready:
                following = heapq.heappushpop(ready, (-following.sequence, following))[1]
            node = following

    def _step(self, node: Node, g: Any, ready: list[Any]) -> Node | None:  # noqa: C901 - one case after the other
        """Runs a node that is out of the ordinary, or accumulates; gives one of those that are now ready and queues
        the others.
        """
        accumulates = type(node) is AccumulateGrad
        if node.hooks is not None or (accumulates and node.variable._hooks):
            g = self._tensor_hooks(node, g)
        if self.ends is not None and node in self.ends:
            for edge in self.targets:
                if edge[0] is node:
                    self.captures[edge] = g[edge[1]] if isinstance(g, list) else g
        if self.needed is not None and node not in self.needed:
            return None
        if accumulates:
            self._accumulate(node, g)
            return None
        if g is not None or node.on_tensors:
            self._run_node(node, g)
        counts, following = self.dependencies, None
        for e in node.edges:
            if e is not None:
                target = e[0]
                counts[target] -= 1
                if counts[target] == 0 and self.will_run(target):
                    if following is None:
                        following = target
                    else:
                        heapq.heappush(ready, (-target.sequence, target))
        return following

    def _run_node(self, node: Node, g: Any) -> None:
        hooks = node.hooks
        if hooks is not None and hooks.pre:
            g = self._pre_hooks(node, g)
        if node.checks:
            check_versions(node)
        if (hooks is not None and hooks.post) or node.on_tensors or state.anomaly:
            self._run_node_slowly(node, g)
        else:
            self._send_all(node, _pulled(self, node, g))
        if not self.retain and node.plan is not None:
            node.release()

    def _run_node_slowly(self, node: Node, g: Any) -> None:
        """With hooks after the node, in anomaly mode, or for custom functions."""
        outer, state.evaluating = state.evaluating, node
        try:
            cs = _pulled(self, node, g)
            if state.anomaly:
                _check_nan(node, cs)
        except Exception:
            if state.anomaly:
                _warn_trace(node)
            raise
        finally:
            state.evaluating = outer
        if node.hooks is not None and node.hooks.post:
            cs = self._post_hooks(node, cs, g)
        self._send_all(node, cs)
        if not self.retain and node.plan is None:
            node.release()

    def _send_all(self, node: Node, cs: Sequence[Any]) -> None:
        for e, c in zip(node.edges, cs, strict=False):
            if e is not None and c is not None:
                self._add(*e, c)

    def _add(self, node: Node, i: int, c: Any) -> None:
        """Adds a gradient to what has arrived for result `i` of `node`."""
        shape, dtype = (node.shape, node.dtype) if node.metas is None else node.metas[i]
        x = c._data if isinstance(c, Tensor) else c
        if (x.shape != shape or x.dtype != dtype) and dtype is not None:
            c = conform(c, shape, dtype)
        if node.metas is None:
            held = self.buffers.get(node)
            self.buffers[node] = c if held is None else held + c
            return
        held = self.buffers.get(node)
        if held is None:
            held = self.buffers[node] = [None] * len(node.metas)
        held[i] = c if held[i] is None else held[i] + c

    # --- hooks --------------------------------------------------------------------------------------------------------

    def _tensor_hooks(self, node: Node, g: Any) -> Any:
        """The gradients after the hooks of the tensors that the node made; then retained ones are stored."""
        if isinstance(node, AccumulateGrad):
            hooks = node.variable._hooks
            if hooks and g is not None:
                g = self._lower(_through_hooks(hooks, self._lift(g)))
            own = node.hooks.tensor.get(0) if node.hooks is not None else None
            return self._lower(_through_hooks(own, self._lift(g))) if own and g is not None else g
        hooks = node.hooks
        parts = g if isinstance(g, list) else [g]
        for i, own in list(hooks.tensor.items()):
            if own and parts[i] is not None:
                parts[i] = self._lower(_through_hooks(own, self._lift(parts[i])))
        for i, reference in list(hooks.retain.items()):
            tensor = reference()
            if tensor is not None and parts[i] is not None:
                self._retain(tensor, parts[i])
        return parts if isinstance(g, list) else parts[0]

    def _retain(self, x: Tensor, g: Any) -> None:
        old = x._grad
        self.journal.append(lambda: setattr(x, "_grad", old))
        new = self._lift(g)
        if old is None:
            x._grad = new if self.create else wrap(namespace(new._data).array(new._data))
        else:
            x._grad = old + new

    def _pre_hooks(self, node: Node, g: Any) -> Any:
        parts = tuple(None if p is None else self._lift(p) for p in (g if isinstance(g, list) else [g]))
        for hook in list(node.hooks.pre.values()):
            new = hook(parts)
            if new is not None:
                parts = _same_length(new, parts, "pre hook")
        low = [None if p is None else self._lower(p) for p in parts]
        return low if isinstance(g, list) else low[0]

    def _post_hooks(self, node: Node, cs: Sequence[Any], g: Any) -> list[Any]:
        parts = g if isinstance(g, list) else [g]
        outs = tuple(None if p is None else self._lift(p) for p in parts)
        ins = tuple(
            None if c is None else self._lift(self._conformed(e, c)) for e, c in zip(node.edges, cs, strict=False)
        )
        for hook in list(node.hooks.post.values()):
            new = hook(ins, outs)
            if new is not None:
                ins = _same_length(new, ins, "post hook")
        return [None if c is None else self._lower(c) for c in ins]

    def _conformed(self, e: Edge | None, c: Any) -> Any:
        if e is None:
            return c
        shape, dtype = (e[0].shape, e[0].dtype) if e[0].metas is None else e[0].metas[e[1]]
        return conform(c, shape, dtype)

    def _lift(self, g: Any) -> Tensor:
        return g if isinstance(g, Tensor) else wrap(namespace(g).asarray(g))

    def _lower(self, g: Any) -> Any:
        return g if self.tensors or not isinstance(g, Tensor) else g._data

    # --- leaves -------------------------------------------------------------------------------------------------------

    def _accumulate(self, node: AccumulateGrad, g: Any) -> None:
        x = node.variable
        hooks = node.hooks
        if hooks is not None and hooks.pre and g is not None:
            g = self._pre_hooks(node, g)
        if g is not None:
            self._store(x, g)
            if x._after:
                for hook in list(x._after.values()):
                    hook(x)
        if hooks is not None and hooks.post:
            for hook in list(hooks.post.values()):
                hook((), (None if g is None else self._lift(g),))

    def _store(self, x: Tensor, g: Any) -> None:
        old = x._grad
        if x._grad_dtype is not None:
            wanted = x._grad_dtype[0]
            if wanted is not None and (g._data if isinstance(g, Tensor) else g).dtype != wanted.array:
                g = cast(g, dtype=wanted.array)
        if old is None:
            self.journal.append(lambda: setattr(x, "_grad", None))
            x._grad = self._fresh(x, g)
        elif self.create or old._edge is not None or old._requires:
            self.journal.append(lambda: setattr(x, "_grad", old))
            x._grad = old + self._lift(g)
        else:
            data = old._data
            copy = namespace(data).array(data)
            self.journal.append(lambda: data.__setitem__(..., copy))
            data[...] = data + (g._data if isinstance(g, Tensor) else g)
            old._cell[0] += 1

    def _fresh(self, x: Tensor, g: Any) -> Tensor:
        """A tensor that no one else holds, with the strides of `x`; as it is when the pass is recorded."""
        if self.create:
            return g if isinstance(g, Tensor) and g._edge is not None else wrap(namespace(g._data).array(g._data))
        data = g._data if isinstance(g, Tensor) else g
        new = wrap(namespace(data).copy_like(data, x._data))
        new._meta = x._meta
        if isinstance(g, Tensor):
            new._tangents = g._tangents
        return new


def _age(node: Node) -> int:
    """What puts the nodes in the order of their making, leaves first."""
    return -1 if isinstance(node, AccumulateGrad) else node.sequence


def _pulled(run: Pass, node: Node, g: Any) -> list[Any]:
    """The cotangents of all arguments of a node."""
    if node.plan is None:
        return node.pull_tensors(run, g)
    if isinstance(g, list):
        g = tuple(_zeros_for(node, i, run) if p is None else p for i, p in enumerate(g))
    y, xs = unpack_saved(node, tensors=run.tensors)
    if not run.tensors:
        g, y, xs = _widened(g), _widened(y), [_widened(x) for x in xs]
    cs: list[Any] = [None] * len(node.edges)
    for i, pull in node.plan.pulls:
        if run.will_run(node.edges[i][0]):
            cs[i] = pull(g, y, xs, node.attrs)
    return cs


def _zeros_for(node: Node, i: int, run: Pass) -> Any:
    if i in node.op.discrete_outputs:
        return None
    shape, dtype = node.metas[i]
    zero = namespace().zeros(shape, dtype)
    return wrap(zero) if run.tensors else zero


def _widened(x: Any) -> Any:
    """Half precision in float32: a rule is rounded once, when its result is cast to the argument."""
    if isinstance(x, tuple) and not isinstance(x, Meta):
        return tuple(_widened(p) for p in x)
    dtype = getattr(x, "dtype", None)
    if dtype is None or isinstance(x, Meta) or dtype.itemsize != 2 or dtype.kind not in "fV":
        return x
    return x.astype("float32")


def _carries_tangents(node: Node) -> bool:
    return node.saved is not None and any(s.tangents for s in node.saved.values())


def _through_hooks(hooks: Any, g: Tensor) -> Tensor:
    for hook in list(hooks.values()):
        new = hook(g)
        if new is None:
            continue
        if not isinstance(new, Tensor):
            raise TypeError(
                f"hook {getattr(hook, '__name__', hook)!r} returned {type(new).__name__}, expected a Tensor or None"
            )
        if new._data.shape != g._data.shape:
            raise RuntimeError(
                f"hook {getattr(hook, '__name__', hook)!r} has changed the size of value: from {g.shape} to {new.shape}"
            )
        g = new
    return g


def _same_length(new: Any, old: tuple[Any, ...], which: str) -> tuple[Any, ...]:
    new = new if isinstance(new, (tuple, list)) else (new,)
    if len(new) != len(old):
        raise RuntimeError(
            f"{which} has returned an incorrect number of values: got {len(new)}, but expected {len(old)}"
        )
    return tuple(new)


def _check_nan(node: Node, cs: Sequence[Any]) -> None:
    if not state.check_nan:
        return
    for i, c in enumerate(cs):
        if c is None:
            continue
        x = c._data if isinstance(c, Tensor) else c
        if x.dtype.kind in "fc" and namespace(x).isnan(x).any():
            raise RuntimeError(f"Function '{node.name()}' returned nan values in its {i}th output.")


def _warn_trace(node: Node) -> None:
    import traceback
    import warnings

    if node.trace is None:
        warnings.warn(
            f"Error detected in {node.name()}. No forward pass information available. Enable detect anomaly during "
            "forward "
            "pass for more information.",
            UserWarning,
            stacklevel=2,
        )
        return
    while node is not None and node.trace is not None:
        stack, parent = node.trace
        lines = "".join(traceback.format_list(stack))
        warnings.warn(
            f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n{lines}",
            UserWarning,
            stacklevel=2,
        )
        node = parent


# --- the public calls -------------------------------------------------------------------------------------------------


class GradientEdge(NamedTuple):
    """A place in the graph: the result `output_nr` of a node. `ownership_token` keeps the node's graph alive."""

    node: Node
    output_nr: int
    ownership_token: Any = None


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """Where gradients for the tensor go."""
    if not tensor.requires_grad:
        raise RuntimeError("It is not possible to get the gradient edge for a Tensor that does not require gradients")
    return GradientEdge(*gradient_edge(tensor))


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
        if not (isinstance(output, GradientEdge) or output.requires_grad):
            raise RuntimeError(f"element {i} of tensors does not require grad and does not have a grad_fn")
        if math.prod(shape) != 1:
            raise RuntimeError(
                f"grad can be implicitly created only for scalar outputs; this output has shape {tuple(shape)}: pass "
                "gradient="
            )
        if dtype.kind not in "fVO":
            raise RuntimeError(
                f"grad can be implicitly created only for real scalar outputs but got {dtypes.of(dtype)}"
            )
        like = output._data if isinstance(output, Tensor) else None
        return wrap(namespace(like).ones(shape, dtype))
    if not isinstance(g, Tensor):
        raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    if tuple(g.shape[1:] if batched else g.shape) != tuple(shape):
        raise RuntimeError(
            f"Mismatch in shape: grad_output[{i}] has a shape of {g.shape} and output[{i}] has a shape of "
            f"{Size(shape)}."
        )
    if isinstance(output, Tensor) and g._meta != output._meta:
        raise RuntimeError(
            f"Expected grad_output[{i}] on the device of its output, {output.device}, but got {g.device}."
        )
    if (g._data.dtype.kind == "c" and dtype.kind != "c") or (dtype.kind == "c" and g._data.dtype.kind != "c"):
        raise RuntimeError(
            "For complex Tensors, both grad_output and output are required to have the same dtype. "
            f"Mismatch in dtype: grad_output[{i}] has a dtype of {g.dtype} and output[{i}] has a dtype of "
            f"{dtypes.of(dtype)}."
        )
    return g


def _seeds(outputs: list[Any], grads: Any, *, batched: bool = False) -> list[Any]:
    given = [None] * len(outputs) if grads is None else [grads] if isinstance(grads, Tensor) else list(grads)
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
    targets = [_target(x) for x in wanted]
    run.run(roots, seeds, targets, into_targets=True)
    for x, edge in zip(wanted, targets, strict=True):
        if not isinstance(edge[0], AccumulateGrad) and isinstance(x, Tensor) and not x.retains_grad:
            _keep_captured(run, x, run.captures.get(edge))


def _check_roots(outputs: list[Any]) -> None:
    for o in outputs:
        if not isinstance(o, (Tensor, GradientEdge)):
            raise AssertionError(f"expected every root to be a torch.Tensor or a GradientEdge, got {type(o).__name__}")


def _keep_captured(run: Pass, x: Tensor, g: Any) -> None:
    if g is not None:
        run._retain(x, g)


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
        return alias(g) if g.requires_grad else wrap(g._data)
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
