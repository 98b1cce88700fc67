"""The engine: walks the graph from the roots, iteratively, in PyTorch's order, and hands out what arrives.

Gradients are bare arrays; they are tensors when the pass itself is recorded (`create_graph`) or carries tangents.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import Any

from refgrad import dtypes
from refgrad.backends import HOME_TYPE, are_all_here, namespace
from refgrad.graph import FREED, AccumulateGrad, Node, check_versions
from refgrad.modes import state
from refgrad.ops.shape import clone
from refgrad.rules import Meta, cast, conform
from refgrad.saved import unpack_saved
from refgrad.tensor import Tensor, check_writable, is_masked, masked_as, wrap

Edge = tuple[Node, int]

F32, F64 = dtypes.float32.array, dtypes.float64.array


class Pass:
    """One backward pass."""

    __slots__ = (
        "__weakref__",
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
        self.dependencies: dict[Node, list[Any]] = {}  # an entry for each node that can be reached: see `_count`
        self.captures: dict[Edge, Any] = {}  # what arrived at the edges that were asked for
        self.journal: list[Any] = []  # what to undo if the pass fails
        self.finished: list[Any] = []  # callbacks at the end
        self.tensors = create or bool(state.dispatch)  # whether gradients are tensors
        self.targets: Any = None  # with inputs given: their edges,
        self.ends: Any = None  # the nodes of these,
        self.needed: Any = None  # the nodes that must run,
        self.wanted: Any = None  # and those whose gradients are wanted

    def run(
        self, roots: Sequence[Edge], grads: Sequence[Any], targets: Sequence[Edge] | None, *, into_targets: bool
    ) -> None:
        """Sends the gradients `grads` from the roots to all leaves, or to `targets` only."""
        before = state.grad, state.running
        self._count(roots)
        if any([isinstance(g, Tensor) and (g.requires_grad or g._mask is not None) for g in grads]):  # noqa: C419 - a list is faster
            self.tensors = True  # a custom backward is to see the history of the gradient it gets, and rules the mask
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
        """Makes an entry for each node that can be reached: how many gradients it still waits for; what has arrived,
        for one result or as a list for several; and whether this is a sum made here, to which more may be added in
        place.
        """
        entries = self.dependencies
        for node, _ in roots:
            entries[node] = [0, None, False]
        stack = list(entries)
        while stack:
            node = stack.pop()
            if node.saved is not None and _needs_tensors(node):
                self.tensors = True
            for e in node.edges:
                if e is not None:
                    following = e[0]
                    entry = entries.get(following)
                    if entry is None:
                        entries[following] = [1, None, False]
                        stack.append(following)
                    else:
                        entry[0] += 1

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

    def _walk(self, starts: Iterable[Node]) -> None:  # noqa: C901, PLR0912 - one loop, since calls would cost a third of its time
        entries, free = self.dependencies, not self.retain
        wanted, needed, ends = self.wanted, self.needed, self.ends
        ready = sorted([(-n.sequence, n) for n in starts if not entries[n][0]])
        usual = not (self.tensors or state.anomaly)
        at_home = are_all_here() and all([isinstance(entries[n][1], HOME_TYPE) for n in starts])  # noqa: C419 - a list is faster
        node = None
        while node is not None or ready:
            if node is None:
                node = heapq.heappop(ready)[1]
            entry = entries[node]
            g = entry[1]
            entry[1] = None
            if (
                usual
                and g is not None
                and (plan := node.plan) is not None
                and node.hooks is None
                and node.saved is None
                and ((dtype := node.dtype) is F64 or dtype is F32)
                and (ends is None or (node in needed and node not in ends))
            ):
                for cell, version in node.checks:
                    if cell[0] != version:
                        check_versions(node)
                y, xs, attrs, edges = node.y, node.xs, node.attrs, node.edges
                following = None
                for i, pull in plan.at_home if at_home else plan.pulls:
                    target, k = edges[i]
                    if wanted is not None and target not in wanted:
                        continue
                    c = pull(g, y, xs, attrs)
                    entry = entries[target]
                    if target.metas is None:
                        if c.dtype is not target.dtype or c.shape != target.shape:
                            c = conform(c, target.shape, target.dtype)
                        held = entry[1]
                        if held is None:
                            entry[1] = c
                        elif entry[2]:
                            held += c
                            entry[1] = held
                        else:
                            entry[1], entry[2] = held + c, True
                    else:
                        self._add(target, k, c)
                    entry[0] -= 1
                    if not entry[0]:
                        if following is None:
                            following = target
                        else:
                            heapq.heappush(ready, (-target.sequence, target))
                if free and plan.keeps:
                    node.xs = node.y = node.args = xs = y = None
                    node.checks = FREED
            else:
                following = self._step(node, g, ready)
            # a chain goes on without a detour through the queue
            if following is not None and ready:
                following = heapq.heappushpop(ready, (-following.sequence, following))[1]
            node = following

    def _step(self, node: Node, g: Any, ready: list[Any]) -> Node | None:  # noqa: C901, PLR0912 - one case after the other
        """Runs a node that is out of the ordinary, or accumulates; gives one of those that are now ready and queues
        the others.
        """
        accumulates = type(node) is AccumulateGrad
        if accumulates and node.hooks is None and self.ends is None and not node.variable._hooks:
            self._accumulate(node, g)
            return None
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
        entries, following = self.dependencies, None
        for e in node.edges:
            if e is not None:
                target = e[0]
                entry = entries[target]
                entry[0] -= 1
                if not entry[0] and self.will_run(target):
                    if following is None:
                        following = target
                    else:
                        heapq.heappush(ready, (-target.sequence, target))
        return following

    def _run_node(self, node: Node, g: Any) -> None:
        stream = node.hooks.stream if node.hooks is not None else None
        if stream is None:
            self._run_here(node, g)
            return
        with stream.after_and_before_the_current():
            self._run_here(node, g)

    def _run_here(self, node: Node, g: Any) -> None:
        hooks = node.hooks
        if hooks is not None and hooks.pre:
            g = self._pre_hooks(node, g)
        if node.checks and node.plan is not None:  # a custom function reads what it saved, or not, by itself
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
        entry = self.dependencies[node]
        held = entry[1]
        if node.metas is None:
            entry[1] = c if held is None else held + c
            return
        if held is None:
            held = entry[1] = [None] * len(node.metas)
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
            x._grad = clone(new) if self.create else masked_as(new, wrap(namespace(new._data).array(new._data)))
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
        if x._edge is not None:
            raise RuntimeError("leaf variable has been moved into the graph interior: it was modified in place since")
        if g is not None and x.requires_grad:  # it may no longer
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
        elif self.create or old._edge is not None or old._requires or is_masked(old) or is_masked(g):
            self.journal.append(lambda: setattr(x, "_grad", old))
            x._grad = old + self._lift(g)
        else:
            check_writable(old)
            data = old._data
            if data.shape != g.shape:  # the tensor was given other data
                raise RuntimeError(f"the gradient has shape {list(g.shape)}, but .grad has shape {list(data.shape)}")
            copy = namespace(data).array(data)
            self.journal.append(lambda: data.__setitem__(..., copy))
            data[...] = data + (g._data if isinstance(g, Tensor) else g)
            old._cell[0] += 1

    def _fresh(self, x: Tensor, g: Any) -> Tensor:
        """A tensor that no one else holds, with the strides of `x`; as it is when the pass is recorded."""
        if self.create:
            return clone(g)
        data = g._data if isinstance(g, Tensor) else g
        new = masked_as(g, wrap(namespace(data).copy_like(data, x._data)))
        new._inference = state.inference
        if x._meta:
            new._meta = True
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
        given = next((p for p in g if p is not None), None)
        g = tuple(_zeros_for(node, i, run, given) if p is None else p for i, p in enumerate(g))
    y, xs = unpack_saved(node, tensors=run.tensors)
    if not run.tensors:
        g, y, xs = _widened(g), _widened(y), [_widened(x) for x in xs]
    else:
        xs = node.op.promoted(xs, node.dtype)
    cs: list[Any] = [None] * len(node.edges)
    for i, pull in node.plan.pulls:
        if run.will_run(node.edges[i][0]):
            cs[i] = pull(g, y, xs, node.attrs)
    return cs


def _zeros_for(node: Node, i: int, run: Pass, given: Any) -> Any:
    """The cotangent of an output that nothing used, an array of the kind that the given ones are."""
    if i in node.op.discrete_outputs:
        return None
    shape, dtype = node.metas[i]
    zero = namespace(getattr(given, "_data", given)).zeros(shape, dtype)
    return wrap(zero) if run.tensors else zero


def _widened(x: Any) -> Any:
    """Half precision in float32: a rule is rounded once, when its result is cast to the argument."""
    if isinstance(x, tuple) and not isinstance(x, Meta):
        return tuple(_widened(p) for p in x)
    dtype = getattr(x, "dtype", None)
    if dtype is None or isinstance(x, Meta) or dtype.itemsize != 2 or dtype.kind not in "fV":
        return x
    return x.astype("float32")


def _needs_tensors(node: Node) -> bool:
    """Whether gradients are more than arrays: tangents were saved, or the function masks what comes back."""
    return node.plan is None or any(s.tangents for s in node.saved.values())


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
