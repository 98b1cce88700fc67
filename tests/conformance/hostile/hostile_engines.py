"""A small right engine on NumPy, and engines that misbehave when a leaf begins with 666 (or always)."""

import os
import subprocess
import sys
import time
from types import MappingProxyType

import numpy as np

from conformance.engines.imperative import ImperativeEngine
from conformance.errors import Unsupported

TRIGGER = 666.0


class Variable:
    """A value, its gradient, and how to pass a cotangent on."""

    def __init__(self, value, parents=()):
        self.value, self.parents, self.grad = value, parents, None

    def backward(self, g):
        for parent, pull in self.parents:
            parent.backward(pull(g))
        if not self.parents:
            self.grad = g if self.grad is None else self.grad + g


def multiply(a, b):
    return Variable(a.value * b.value, ((a, lambda g: g * b.value), (b, lambda g: g * a.value)))


def add_up(a, **_attributes):
    return Variable(a.value.sum(), ((a, lambda g: g * np.ones_like(a.value)),))


class Honest(ImperativeEngine):
    name, version = "honest", "1.0"
    features = ("float64", "float32")
    operators = MappingProxyType({"mul": multiply, "sum": add_up})

    def leaf(self, array, requires_grad):
        if array.flat[0] == TRIGGER:
            self.misbehave()
        return Variable(array)

    def misbehave(self):
        """Nothing, in an honest engine."""

    def read(self, tensor):
        return np.asarray(tensor.value)

    def backward(self, output, cotangent, retain_graph):
        output.backward(np.ones_like(output.value))

    def grad(self, tensor):
        return None if tensor.grad is None else Variable(tensor.grad)


class Aborts(Honest):
    def misbehave(self):
        print("the last words", file=sys.stderr, flush=True)
        os.abort()


class ExitsWithZero(Honest):
    def misbehave(self):
        os._exit(0)


class CallsExit(Honest):
    def misbehave(self):
        sys.exit(3)


class Hangs(Honest):
    def misbehave(self):
        time.sleep(3600)


class HangsWithChild(Honest):
    """Leaves a child behind that would hold the pipes open."""

    def misbehave(self):
        child = subprocess.Popen(["sleep", "3600"])
        print(f"child {child.pid}", file=sys.stderr, flush=True)
        time.sleep(3600)


class Keeps(Honest):
    """Holds 64 MiB more after every program, as engines do that keep what they compile."""

    def __init__(self):
        super().__init__()
        self.kept = []

    def backward(self, output, cotangent, retain_graph):
        super().backward(output, cotangent, retain_graph)
        self.kept.append(np.ones(2**23))


class Tells(Honest):
    """Its errors say where it lies, as those with a trace of calls do."""

    def read(self, tensor):
        raise ValueError(f"in {__file__}")


class Noisy(Honest):
    """Writes to its stdout in every way there is, and asks for input."""

    def leaf(self, array, requires_grad):
        print('{"seq": 1, "status": "done"}' * 1000)
        os.write(1, b'{"noise": true}\n' * 1000)
        subprocess.run(["echo", '{"seq": 1}'], check=True)
        assert sys.stdin.readline() == ""
        return super().leaf(array, requires_grad)


class ReadsList(Honest):
    def read(self, tensor):
        return tensor.value.tolist()


class ReadsNone(Honest):
    def read(self, tensor):
        return None


class ReadsText(Honest):
    def read(self, tensor):
        return np.asarray("three")


class WrongShape(Honest):
    def read(self, tensor):
        return np.asarray(tensor.value)[None]


class RunsNone(Honest):
    def run(self, program):
        return None


class SupportsNothing(Honest):
    features, operators = (), {}

    def leaf(self, array, requires_grad):
        raise Unsupported("leaf")


class LacksMethods(ImperativeEngine):
    name, version = "lacking", "1.0"

    def leaf(self, array, requires_grad):
        return array

    def grad(self, tensor):
        return None


class Nameless(Honest):
    name = version = ""


class FailsToConstruct(Honest):
    def __init__(self):
        raise RuntimeError("no licence\nfor this machine")


class Unsteady(Honest):
    """Answers differently from run to run."""

    def read(self, tensor):
        return np.asarray(tensor.value) + os.getpid()


class LosesSigns(Honest):
    """Zeros have no sign any more."""

    def read(self, tensor):
        return np.asarray(tensor.value) + np.zeros((), np.asarray(tensor.value).dtype)


class NarrowsIntegers(Honest):
    def leaf(self, array, requires_grad):
        return Variable(array.astype(np.int32).astype(np.int64) if array.dtype == np.int64 else array)


class ForgetsEmptiness(Honest):
    def read(self, tensor):
        return np.asarray(tensor.value).reshape(-1)


class Remembers(Honest):
    """A gradient that is left of one program is added to the next."""

    kept = 0.0

    def grad(self, tensor):
        Remembers.kept = Remembers.kept + tensor.grad
        return Variable(Remembers.kept)


class KnowsEverything(Honest):
    def operator(self, name):
        return self.operators.get(name, lambda *args, **kw: Variable(np.zeros(2)))


class RaisesAtTheUnknown(Honest):
    def operator(self, name):
        return self.operators[name]


class Stubborn(Honest):
    """Breaks at every case."""

    def leaf(self, array, requires_grad):
        os.abort()


class NotAnEngine:
    pass


def namespace_case(torch):
    """A namespace case, for engines without a namespace."""
