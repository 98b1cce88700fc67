"""Engines with other manners: slow, talkative, lazy, with more to offer, or handing their arrays out in other shapes of memory."""

from __future__ import annotations

import gc
import itertools
import os
import sys
import time
import warnings
from typing import Any

import numpy as np

from conformance.faults.harmless.registry import harmless
from conformance.faults.patching import module

_SOME = ("add", "mul", "sin", "exp", "matmul", "sum", "softmax", "index_select", "cat", "where", "pow", "cumsum")
_BEHAVIOURS = ("accumulation.*", "backward-scalar.*", "grad-mode.*", "detach.*", "retain-graph.*", "autograd-grad.*")


def _around_runs(engine: Any, before: Any) -> None:
    run = engine.run

    def wrong(program: Any) -> Any:
        before()
        return run(program)

    engine.run = wrong


@harmless("slow", operators=_SOME[:3], behaviours=_BEHAVIOURS[:1])
def slow(engine: Any) -> None:
    """Every case takes a fiftieth of a second longer."""
    _around_runs(engine, lambda: time.sleep(0.02))


@harmless("noisy-on-stdout", operators=_SOME, behaviours=_BEHAVIOURS)
def noisy_on_stdout(engine: Any) -> None:
    """Every case prints to standard output, be it through Python or past it."""

    def shout() -> None:
        print('{"status": "done"}', flush=True)
        os.write(1, b"a line from a library\n")

    _around_runs(engine, shout)


@harmless("noisy-on-stderr", operators=_SOME, behaviours=_BEHAVIOURS)
def noisy_on_stderr(engine: Any) -> None:
    """Every case prints to standard error."""
    _around_runs(engine, lambda: print("compiling …", file=sys.stderr))


@harmless("collects-garbage", operators=_SOME[:4], behaviours=_BEHAVIOURS[:2])
def collects_garbage(engine: Any) -> None:
    """Garbage is collected before every twentieth case."""
    count = itertools.count()
    _around_runs(engine, lambda: next(count) % 20 or gc.collect())


@harmless("more-features", operators=_SOME, behaviours=_BEHAVIOURS)
def more_features(engine: Any) -> None:
    """It declares features that the suite has never heard of, and its namespace has functions beyond PyTorch's."""
    type(engine).features = frozenset(engine.features) | {"quaternions", "time-travel"}
    engine.torch.quaternion = lambda *parts: parts


@harmless("another-name-and-version", operators=_SOME[:4])
def another_name_and_version(engine: Any) -> None:
    """It calls itself something else, not in ASCII."""
    type(engine).name, type(engine).version = "graδient", "2026.11-β+local"


@harmless("hands-out-fortran-order", operators=_SOME)
def hands_out_fortran_order(engine: Any) -> None:
    """Arrays are handed out with their columns together."""
    read = engine.read
    engine.read = lambda tensor: np.array(read(tensor), order="F")


@harmless("hands-out-views", operators=_SOME, behaviours=_BEHAVIOURS)
def hands_out_views(engine: Any) -> None:
    """Arrays are handed out as views with strides, which cannot be written."""
    read = engine.read

    def strided(tensor: Any) -> np.ndarray:
        array = np.asarray(read(tensor))
        view = np.stack([array, array], -1)[..., 0]
        view.flags.writeable = False
        return view

    engine.read = strided


@harmless("other-nans", operators=("log", "sqrt", "div", "asin", "acosh"))
def other_nans(engine: Any) -> None:
    """NaN is handed out with its sign bit set."""
    read = engine.read

    def negative(tensor: Any) -> np.ndarray:
        array = np.array(read(tensor))
        if array.dtype.kind == "f":
            array[np.isnan(array)] = -np.float64("nan")
        return array

    engine.read = negative


@harmless("oldest-node-first", operators=_SOME, behaviours=("accumulation.*", "learner.*", "hooks-node.*"))
def oldest_node_first(_engine: Any) -> None:
    """Among the nodes of the graph that wait for nothing, the oldest runs first."""
    backward = module("backward")
    push, pop, exchange = backward.heapq.heappush, backward.heapq.heappop, backward.heapq.heappushpop

    class Heap:
        heappush = staticmethod(lambda heap, item: push(heap, (-item[0], item[1])))
        heappushpop = staticmethod(lambda heap, item: exchange(heap, (-item[0], item[1])))
        heappop = staticmethod(pop)

    backward.heapq = Heap


@harmless("packs-what-it-saves", operators=_SOME, behaviours=("accumulation.*", "backward-scalar.*", "learner.*"))
def packs_what_it_saves(engine: Any) -> None:
    """What operations save is packed as bytes, and unpacked when the backward pass asks for it."""
    torch, run = engine.torch, engine.run

    def pack(x: Any) -> Any:
        array = x._data
        return array.tobytes(), array.dtype, array.shape

    def unpack(packed: Any) -> Any:
        data, dtype, shape = packed
        return module("tensor").wrap(np.frombuffer(data, dtype).reshape(shape))

    def packed(program: Any) -> Any:
        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            return run(program)

    engine.run = packed


@harmless("lazy", operators=_SOME, behaviours=("accumulation.*", "backward-scalar.*"))
def lazy(engine: Any) -> None:
    """Nothing is computed before a result is asked for: gradients are promises that reading redeems."""
    gradients, read = engine.gradients, engine.read

    class Promise:
        def __init__(self, redeem: Any, i: int) -> None:
            self._redeem, self._i = redeem, i

        def redeemed(self) -> Any:
            return self._redeem()[self._i]

    def later(outputs: Any, inputs: Any, cotangents: Any, options: Any) -> Any:
        if not isinstance(inputs, tuple) or options.get("create_graph") or options.get("allow_unused") is not True:
            return gradients(outputs, inputs, cotangents, options)
        known: list[Any] = []

        def redeem() -> Any:
            if not known:
                known.append(gradients(outputs, inputs, cotangents, options))
            return known[0]

        return tuple(Promise(redeem, i) for i in range(len(inputs)))

    engine.gradients = later
    observe = engine.observe
    engine.observe = lambda x: observe(x.redeemed() if isinstance(x, Promise) else x)
    engine.read = lambda x: read(x.redeemed() if isinstance(x, Promise) else x)


@harmless("warns", operators=_SOME, behaviours=("accumulation.*",))
def warns(engine: Any) -> None:
    """It warns of its own future at every case."""
    _around_runs(engine, lambda: warnings.warn("this engine will change", FutureWarning, stacklevel=2))
