"""The walk through the graph, and what it rests on, wrong in one kind of place only: fan-out, views, versions, hooks."""

from __future__ import annotations

from conformance.faults.mutation.rows import forget_plans, rows
from conformance.faults.patching import module, replace, replace_everywhere
from conformance.faults.registry import fault

WALK, STATE, HOOKS, FREEING = (
    "the walk through the graph",
    "modes, views and versions",
    "hooks",
    "what is freed",
)


def _pass():
    return module("backward").Pass


def _counting(change):
    """Passes the entries that a pass makes for all nodes through `change(entries)`."""

    def make(count):
        def wrong(self, roots):
            count(self, roots)
            change(self.dependencies)

        return wrong

    replace(_pass(), "_count", make)


class _Twice(list):
    """A node's entry in the pass, to which every further contribution is added twice."""

    def __setitem__(self, i, value):
        held = list.__getitem__(self, 1)
        if i == 1 and held is not None and value is not None and not isinstance(value, list):
            value = value + (value - held)
        list.__setitem__(self, i, value)


class _Once(list):
    """A node's entry that never waits: the node runs as soon as anything has arrived."""

    def __setitem__(self, i, value):
        list.__setitem__(self, i, 0 if i == 0 else value)


@fault("fan-out-counts-twice", finds=["accumulation.leaf-used-many-times-sums*", "learner.product-rule*"], family=WALK)
def fan_out_counts_twice(engine):
    """Where several paths meet, every path after the first counts twice."""
    _counting(lambda entries: entries.update({node: _Twice(entry) for node, entry in entries.items()}))


@fault("nodes-run-too-early", finds=["accumulation.*", "hooks-tensor.sees-total-gradient*"], family=WALK)
def nodes_run_too_early(engine):
    """A node runs when the first gradient has arrived, and again for the next: visited in the wrong order."""
    _counting(lambda entries: entries.update({node: _Once(entry) for node, entry in entries.items()}))


@fault(
    "sums-written-into-what-arrived",
    finds=["backward-arg.argument-not-modified*", "in-place.aliased-storage-is-supported*"],
    family=WALK,
)
def sums_written_into_what_arrived(engine):
    """Where paths meet, the sum is written into the array that came first, which others hold too."""

    def own(entries):
        for entry in entries.values():
            entry[2] = True

    _counting(own)


@fault("operands-exchange-gradients", finds=["op/sub/vjp/*", "op/div/vjp/*", "op/matmul/vjp/*"], family=WALK)
def operands_exchange_gradients(engine):
    """Of two operands of the same shape each gets the other's gradient."""
    for operator in rows().values():
        if len(operator.rules) == 2 and None not in operator.rules:
            _exchange_pulls(operator)


def _exchange_pulls(operator):
    plan = operator.plan

    def wrong(needs):
        found = plan(needs)
        if all(needs) and len(found.pulls) == 2:
            for name in ("pulls", "at_home"):
                (i, one), (k, other) = getattr(found, name)
                setattr(found, name, ((i, other), (k, one)))
        return found

    operator.plan = wrong
    forget_plans(operator)


@fault("third-use-lost", finds=["accumulation.leaf-used-many-times-sums*"], family=WALK)
def third_use_lost(engine):
    """A leaf that is used more than twice in one graph loses what comes third."""

    class Full(list):
        arrived = 0

        def __setitem__(self, i, value):
            if i == 1 and value is not None:
                self.arrived += 1
                if self.arrived > 2:
                    return
            list.__setitem__(self, i, value)

    _counting(lambda entries: entries.update({node: Full(entry) for node, entry in entries.items()}))


@fault("roots-beyond-the-second-ignored", finds=["accumulation.several-roots-sum*", "backward-*"], family=WALK)
def roots_beyond_the_second_ignored(engine):
    """Of several roots the last one is not started from."""
    run = _pass().run

    def wrong(self, roots, grads, targets, *, into_targets):
        keep = max(1, len(roots) - 1)
        return run(self, roots[:keep], grads[:keep], targets, into_targets=into_targets)

    _pass().run = wrong


@fault(
    "leaf-gradient-cast-to-single",
    finds=["learner.logistic-neuron@float64", "backward-scalar.chain-rule@float64"],
    family=WALK,
)
def leaf_gradient_cast_to_single(engine):
    """What is added to a gradient that is there passes through float32 on its way."""
    backward = module("backward")

    def store(original):
        def wrong(self, x, g):
            data = getattr(g, "_data", g)
            if not self.create and data.dtype.kind == "f":
                g = data.astype("float32").astype(data.dtype)
            original(self, x, g)

        return wrong

    replace(backward.Pass, "_store", store)


@fault("two-leaves-share-a-gradient", finds=["accumulation.*"], family=WALK)
def two_leaves_share_a_gradient(engine):
    """Leaves that get the same array get the same .grad: what is added to one shows in the other."""
    wrap = module("tensor").wrap
    fresh = _pass()._fresh
    given = {}

    def wrong(self, x, g):
        data = getattr(g, "_data", g)
        if self.create:
            return fresh(self, x, g)
        kept = given.get(id(data))
        if kept is None or kept[0] is not data:
            kept = given[id(data)] = data, fresh(self, x, g)
        return kept[1] if kept[1]._data.shape == x._data.shape else wrap(data)

    _pass()._fresh = wrong


# modes, views and versions


def _in_place_unless(engine, names, quietly):
    """In-place operations of these names are run by `quietly(run, tensor)`."""

    def make(change):
        def wrong(name, args, kw):
            if name not in names:
                return change(name, args, kw)
            return quietly(lambda: change(name, args, kw), args[0])

        return wrong

    replace(engine, "inplace", make)


def _uncounted(run, x):
    before = x._cell[0]
    out = run()
    x._cell[0] = before
    return out


@fault("copy-leaves-version", finds=["in-place.saved-tensor-modified-raises*"], family=STATE)
def copy_leaves_version(engine):
    """copy_ does not count as a modification."""
    _in_place_unless(engine, ("copy_",), _uncounted)


@fault("assignment-leaves-version", finds=["in-place.*", "version.*"], family=STATE)
def assignment_leaves_version(engine):
    """Writing to elements by index does not count as a modification."""
    _in_place_unless(engine, ("setitem",), _uncounted)


@fault("zeroing-leaves-version", finds=["in-place.*"], family=STATE)
def zeroing_leaves_version(engine):
    """zero_ and fill_ do not count as a modification."""
    _in_place_unless(engine, ("zero_", "fill_"), _uncounted)


@fault("versions-checked-of-first-only", finds=["module.step-after-forward-breaks-retained-graph"], family=STATE)
def versions_checked_of_first_only(engine):
    """Of what an operation saved, only the first tensor's version is checked."""
    saving = module("saving")
    plan_of = saving.plan_of

    def wrong(op, mask, edges):
        plan = plan_of(op, mask, edges)
        save = plan.save

        def first_only(node, *args):
            save(node, *args)
            node.checks = tuple(node.checks[:1])

        plan.save = first_only
        return plan

    replace_everywhere(saving, "plan_of", lambda _: wrong)


@fault("saved-results-unchecked", finds=["in-place.saved-output-modified-raises*"], family=STATE)
def saved_results_unchecked(engine):
    """The version of a saved result is not checked."""
    saving = module("saving")
    plan_of = saving.plan_of

    def unchecked(op, mask, edges):
        plan = plan_of(op, mask, edges)
        save = plan.save

        def trusting(node, plan, args, arrays, y, cell):
            save(node, plan, args, arrays, y, cell)
            node.checks = tuple(check for check in node.checks if check[0] is not cell)

        plan.save = trusting
        return plan

    replace_everywhere(saving, "plan_of", lambda _: unchecked)


@fault("chained-views-not-rebased", finds=["views.in-place-on-view-updates-base-graph*"], family=STATE)
def chained_views_not_rebased(engine):
    """Writing into a view of a view leaves the history of the base alone."""
    inplace = module("inplace")

    def make(rebase):
        def wrong(x, y):
            if x._base is not None and len(x._replay) > 1:
                inplace.move(x, y._edge)
            else:
                rebase(x, y)

        return wrong

    replace(inplace, "rebase", make)


@fault("slices-not-rebased", finds=["views.in-place-on-view-updates-base-graph*", "in-place.*"], family=STATE)
def slices_not_rebased(engine):
    """Writing into a slice leaves the history of the base alone; other views are right."""
    inplace = module("inplace")

    def make(rebase):
        def wrong(x, y):
            if x._base is not None and any(getattr(op[0], "name", "") == "getitem" for op in x._replay):
                return
            rebase(x, y)

        return wrong

    replace(inplace, "rebase", make)


@fault("detached-views-leak", finds=["detach.*"], family=STATE)
def detached_views_leak(engine):
    """Detaching a non-leaf gives it with its history."""
    replace(
        engine, "detach", lambda detach: lambda tensor: detach(tensor) if tensor.is_leaf else tensor.view_as(tensor)
    )


@fault("clones-are-constants", finds=["detach.clone-is-differentiable*"], family=STATE)
def clones_are_constants(engine):
    """Clone cuts the history, as detach does."""
    for owner in (engine.torch, engine.torch.Tensor):
        replace(owner, "clone", lambda clone: lambda x, **kw: clone(x, **kw).detach())


@fault("no-grad-spares-views", finds=["grad-mode.*", "views.*"], family=STATE)
def no_grad_spares_views(engine):
    """Views that are taken under no_grad are recorded."""
    torch, tensor = engine.torch, engine.torch.Tensor

    def recorded(view):
        def wrong(self, *args, **kw):
            with torch.enable_grad():
                return view(self, *args, **kw)

        return wrong

    for name in ("view", "__getitem__", "t", "transpose", "reshape"):
        replace(tensor, name, recorded)
    replace(engine, "view", lambda view: lambda name, x, kw: recorded(lambda self: view(name, self, kw))(x))


@fault("requires-grad-from-first-operand", finds=["requires-grad.*"], family=STATE)
def requires_grad_from_first_operand(engine):
    """A result requires grad only if its first operand does."""
    tensor = engine.torch.Tensor

    def make(operate):
        def wrong(self, other):
            out = operate(self, other)
            first = getattr(self, "requires_grad", False)
            return out if first or not hasattr(out, "detach") else out.detach()

        return wrong

    for name in ("__add__", "__mul__", "__sub__", "__truediv__", "__matmul__"):
        replace(tensor, name, make)


@fault("grad-mode-restored-to-on", finds=["grad-mode.no-grad-restores-on-exit*", "grad-mode.*"], family=STATE)
def grad_mode_restored_to_on(engine):
    """Leaving a no_grad block turns recording on, also inside another one."""
    modes = module("modes")

    def make(leave):
        def wrong(self, *args):
            leave(self, *args)
            if "grad" in self._modes:
                modes.state.grad = True

        return wrong

    replace(modes._Mode, "__exit__", make)


# hooks


@fault("tensor-hooks-fire-twice", finds=["hooks-tensor.*"], family=HOOKS)
def tensor_hooks_fire_twice(engine):
    """Every hook of a tensor is called twice, the second time with what the first call gave."""
    backward = module("backward")
    replace(backward, "_through_hooks", lambda run: lambda hooks, g: run(hooks, run(hooks, g)))


@fault("leaf-hooks-missed", finds=["hooks-tensor.leaf-hook-before-accumulation*", "hooks-tensor.*"], family=HOOKS)
def leaf_hooks_missed(engine):
    """Hooks of leaves are not called."""
    accumulate = module("graph").AccumulateGrad

    def make(run):
        return lambda self, node, g: g if isinstance(node, accumulate) else run(self, node, g)

    replace(_pass(), "_tensor_hooks", make)


@fault("hooks-see-single-contributions", finds=["hooks-tensor.sees-total-gradient*"], family=HOOKS)
def hooks_see_single_contributions(engine):
    """A hook is called with the half of what has come, as if for one of two paths."""
    replace(module("backward"), "_through_hooks", lambda run: lambda hooks, g: run(hooks, g * 0.5) * 2)


@fault("only-last-hook-called", finds=["hooks-tensor.registration-order*", "hooks-tensor.*"], family=HOOKS)
def only_last_hook_called(engine):
    """Of several hooks on a tensor only the last is called."""
    backward = module("backward")
    replace(
        backward,
        "_through_hooks",
        lambda run: lambda hooks, g: run(dict(list(hooks.items())[-1:]), g),
    )


# what is freed


@fault("grad-always-retains", finds=["retain-graph.grad-frees-too*", "retain-graph.*"], family=FREEING)
def grad_always_retains(engine):
    """autograd.grad keeps the graph, whatever retain_graph says."""
    replace(
        engine.torch.autograd,
        "grad",
        lambda grad: lambda *args, retain_graph=None, **kw: grad(*args, retain_graph=True, **kw),
    )


@fault("freed-values-read-as-zeros", finds=["retain-graph.second-backward-raises*"], family=FREEING)
def freed_values_read_as_zeros(engine):
    """A second pass through a freed graph finds zeros where values were saved, and raises nothing."""
    node = module("graph").Node

    def release(self):
        if self.plan is not None and self.plan.keeps:
            self.xs = [x * 0 if hasattr(x, "flags") else x for x in self.xs]
            self.y = self.y * 0 if hasattr(self.y, "flags") else self.y

    node.release = release
    _slow_steps()


def _slow_steps():
    """Lets every node be freed by its own method."""
    backward = module("backward")

    def make(run):
        def wrong(self, starts):
            retain, self.retain = self.retain, True
            run(self, starts)
            self.retain = retain
            if not retain:
                for node in self.dependencies:
                    node.release()

        return wrong

    replace(backward.Pass, "_walk", make)


@fault("retained-graphs-share-buffers", finds=["retain-graph.true-allows-second-backward*"], family=FREEING)
def retained_graphs_share_buffers(engine):
    """What was saved is overwritten by the first pass, although the graph is retained."""
    backward = module("backward")

    def make(run):
        def wrong(self, starts):
            run(self, starts)
            for node in self.dependencies:
                if node.plan is not None and self.retain and not self.create and node.xs is not None:
                    node.xs = [x * 0 if hasattr(x, "flags") else x for x in node.xs]

        return wrong

    replace(backward.Pass, "_walk", make)
