"""Graphs that are shown wrongly, misuse that is not refused, and passes that end badly."""

from __future__ import annotations

import threading
import warnings

from conformance.faults.patching import module, replace, replace_property, replace_setter
from conformance.faults.registry import fault


def _node():
    return module("graph").Node


def _graph(engine):
    return engine.torch.autograd.graph


@fault("node-names-plain")
def node_names_plain(engine):
    """Every node is called Node."""
    _node().name = lambda self: "Node"


@fault("repr-hides-history")
def repr_hides_history(engine):
    """The repr of a recorded result is that of a constant."""
    replace(engine.torch.Tensor, "__repr__", lambda show: lambda self: show(self.detach()))


@fault("node-metadata-shared")
def node_metadata_shared(engine):
    """All nodes share one dictionary of metadata."""
    shared = {}
    replace_property(_node(), "metadata", lambda _: lambda self: shared)


@fault("leaf-node-each-time")
def leaf_node_each_time(engine):
    """The node of a leaf is another object each time it is looked at."""
    accumulate = module("graph").AccumulateGrad

    def fresh(edge):
        node, i = edge
        return (accumulate(node.variable), i) if isinstance(node, accumulate) else edge

    replace_property(_node(), "next_functions", lambda read: lambda self: tuple(map(fresh, read(self))))


@fault("saved-attributes-hidden")
def saved_attributes_hidden(engine):
    """What nodes saved cannot be read."""

    def wrong(self, name):
        raise AttributeError(name)

    _node()._read_saved = wrong


@fault("saved-is-the-result")
def saved_is_the_result(engine):
    """A saved tensor is handed out with a node of its own, in memory of its own."""
    replace(_node(), "_read_saved", lambda read: lambda self, name: read(self, name) * 1)


@fault("output-number-zero")
def output_number_zero(engine):
    """Every tensor is the first result of its operation."""
    engine.torch.Tensor.output_nr = property(lambda self: 0)
    replace(_graph(engine), "get_gradient_edge", lambda get: lambda x: get(x)._replace(output_nr=0))


@fault("gradient-edge-of-anything")
def gradient_edge_of_anything(engine):
    """A tensor that does not require grad has a gradient edge to nowhere."""
    edge = _graph(engine).GradientEdge
    replace(_graph(engine), "get_gradient_edge", lambda get: lambda x: get(x) if x.requires_grad else edge(None, 0))


# misuse


@fault("roots-unchecked")
def roots_unchecked(engine):
    """Backward leaves out roots that are no tensors, without a word."""
    torch = engine.torch
    run = torch.autograd.backward

    def wrong(tensors, *args, **options):
        roots = [t for t in tensors if isinstance(t, torch.Tensor)] if isinstance(tensors, list) else tensors
        return run(roots, *args, **options) if roots != [] else None

    torch.autograd.backward = wrong


@fault("deepcopy-detaches")
def deepcopy_detaches(engine):
    """A deep copy is detached from whatever it copies, and has no gradient."""
    engine.torch.Tensor.__deepcopy__ = lambda self, memo: self.detach().clone()


@fault("grad-assignment-unchecked")
def grad_assignment_unchecked(engine):
    """Whatever is assigned to .grad is taken."""

    def assign(self, value):
        self._grad = value

    replace_setter(engine.torch.Tensor, "grad", assign)


@fault("grad-variables-unknown")
def grad_variables_unknown(engine):
    """Backward does not know its old keyword grad_variables."""
    run = engine.torch.autograd.backward

    def wrong(tensors, grad_tensors=None, retain_graph=None, create_graph=False, inputs=None):
        return run(tensors, grad_tensors, retain_graph, create_graph, inputs=inputs)

    engine.torch.autograd.backward = wrong


@fault("multi-hook-takes-any-mode")
def multi_hook_takes_any_mode(engine):
    """A hook on several tensors takes every mode, and treats unknown ones as all."""
    replace(
        _graph(engine),
        "register_multi_grad_hook",
        lambda register: (
            lambda tensors, fn, *, mode="all": register(tensors, fn, mode="any" if mode == "any" else "all")
        ),
    )


@fault("anomaly-silent")
def anomaly_silent(engine):
    """Entering detect_anomaly issues no warning."""

    def make(start):
        def wrong(self, check_nan=True):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                start(self, check_nan)

        return wrong

    replace(engine.torch.autograd.detect_anomaly, "__init__", make)


# passes


def _around_runs(wrong):
    """Every pass runs by `wrong(run)`, a function of nothing that may call `run`."""

    def make(run):
        return lambda self, *args, **options: wrong(lambda: run(self, *args, **options))

    replace(module("backward").Pass, "run", make)


@fault("backward-errors-wrapped")
def backward_errors_wrapped(engine):
    """An error in a backward pass comes out as a RuntimeError that says so."""

    def wrong(run):
        try:
            run()
        except Exception as error:
            raise RuntimeError("an error in a backward pass") from error

    _around_runs(wrong)


@fault("failed-backward-breaks-the-next")
def failed_backward_breaks_the_next(engine):
    """After a backward pass that raised, the next one raises as well."""
    failed = []

    def wrong(run):
        if failed:
            raise RuntimeError("the backward pass before this one failed")
        try:
            run()
        except Exception:
            failed.append(True)
            raise

    _around_runs(wrong)


@fault("backward-not-reentrant")
def backward_not_reentrant(engine):
    """A backward pass inside another one raises."""
    running = []

    def wrong(run):
        if running:
            raise RuntimeError("a backward pass is running already")
        running.append(True)
        try:
            run()
        finally:
            running.clear()

    _around_runs(wrong)


@fault("backward-in-thread-of-its-own")
def backward_in_thread_of_its_own(engine):
    """Every backward pass runs in a new thread."""

    def wrong(run):
        errors = []

        def guarded():
            try:
                run()
            except Exception as error:
                errors.append(error)

        thread = threading.Thread(target=guarded)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]

    _around_runs(wrong)


@fault("multithreading-switch-stays")
def multithreading_switch_stays(engine):
    """Leaving set_multithreading_enabled changes nothing."""
    engine.torch.autograd.set_multithreading_enabled.__exit__ = lambda self, *error: None


@fault("grads-kept-forever")
def grads_kept_forever(engine):
    """Every .grad is kept, whether anything refers to it or not."""
    kept = []

    def make(store):
        def wrong(self, x, g):
            store(self, x, g)
            kept.append(x._grad)

        return wrong

    replace(module("backward").Pass, "_store", make)


@fault("saved-reads-as-zeros")
def saved_reads_as_zeros(engine):
    """What a node saved is shown as zeros."""
    replace(_node(), "_read_saved", lambda read: lambda self, name: read(self, name) * 0)
