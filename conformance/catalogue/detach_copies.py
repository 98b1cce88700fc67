"""Copies, constructors and conversions of a tensor: which keep its history and which leave the graph."""

from __future__ import annotations

from conformance.cases import FUNCTIONAL, IMPERATIVE, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import quiet

_INF = float("inf")


def _tracked(torch):
    """A leaf and a result computed from it."""
    x = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    return x, x * 3


@behaviour(
    "detach.clone-is-differentiable",
    level=MUST,
    profile=FUNCTIONAL,
    source="torch.clone, docstring: differentiable, gradients flow back to the input",
    kills=["copy-loses-history"],
)
def clone_is_differentiable(p):
    """clone() copies the data but stays in the graph: gradients pass through it unchanged to its input."""
    x = p.leaf([1.0, 2.0])
    y = x.clone()
    p.expect(y, [1.0, 2.0])
    p.expect(y.requires_grad, True)
    p.expect(y.is_leaf, False)
    p.expect_shared(x, y, False)
    y.backward(p.constant([3.0, -4.0]))
    p.expect(x.grad, [3.0, -4.0])


@also("detach.clone-is-differentiable")
def clone_passes_cotangents_through(p):
    """The pull-back of clone is the identity, in any shape and for infinite cotangents too."""
    for value, cotangent in ((1.5, -2.0), ([], []), ([1.0, 2.0], [_INF, -4.0]), ([[1.0], [0.5]], [[7.0], [0.25]])):
        x = p.leaf(value)
        (g,) = p.grad(x.clone(), x, p.constant(cotangent))
        p.expect(g, cotangent)


@behaviour(
    "detach.torch-tensor-of-tensor",
    level=MUST,
    profile=IMPERATIVE,
    source="torch.tensor, docstring: copies the data and has no history; like clone().detach()",
    kills=["copy-keeps-history", "factory-ignores-requires-grad"],
)
def torch_tensor_of_tensor(torch):
    """torch.tensor(t) of a tensor t is a copy without history, and torch.tensor(t, requires_grad=True) is a fresh leaf
    that requires grad and is unrelated to t.
    """
    x, t = _tracked(torch)
    with quiet():
        plain, leaf = torch.tensor(t), torch.tensor(t, requires_grad=True)
    assert plain.tolist() == leaf.tolist() == [3.0, -6.0], "a copy has other values"
    assert plain.data_ptr() != t.data_ptr() != leaf.data_ptr(), "torch.tensor(t) shares memory with t"
    assert not plain.requires_grad, "torch.tensor(t) requires grad"
    assert leaf.requires_grad, "torch.tensor(t, requires_grad=True) does not require grad"
    assert leaf.is_leaf, f"torch.tensor(t, requires_grad=True) has grad_fn {leaf.grad_fn}"
    (leaf * leaf).sum().backward()
    assert leaf.grad.tolist() == [6.0, -12.0], f"the fresh leaf got {leaf.grad}"
    assert x.grad is None, f"the gradient leaked to the leaf behind t: {x.grad}"


@behaviour(
    "detach.new-tensor-is-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source="Tensor.new_tensor, docstring: copies, and reads out data without history",
    kills=["copy-keeps-history", "factory-ignores-requires-grad"],
)
def new_tensor_is_leaf(torch):
    """x.new_tensor(t, requires_grad=True) gives a copied leaf that requires grad and has no link to the history of
    t.
    """
    x, t = _tracked(torch)
    with quiet():
        plain, leaf = x.new_tensor(t), x.new_tensor(t, requires_grad=True)
    assert not plain.requires_grad, "x.new_tensor(t) requires grad"
    assert leaf.requires_grad, "x.new_tensor(t, requires_grad=True) does not require grad"
    assert leaf.is_leaf, f"x.new_tensor(t, requires_grad=True) has grad_fn {leaf.grad_fn}"
    assert leaf.data_ptr() != t.data_ptr(), "x.new_tensor(t) shares memory with t"
    (leaf * leaf).sum().backward()
    assert leaf.grad.tolist() == [6.0, -12.0], f"the new tensor got {leaf.grad}"
    assert x.grad is None, f"the gradient leaked to the leaf behind t: {x.grad}"


@behaviour(
    "detach.as-tensor-preserves-history",
    level=MUST,
    profile=IMPERATIVE,
    source="torch.as_tensor, docstring: preserves autograd history if possible",
    kills=["copy-loses-history"],
)
def as_tensor_preserves_history(torch):
    """torch.as_tensor of a tensor keeps its autograd history: with the same dtype it returns the same object, with
    another dtype a differentiable cast.
    """
    x, y = _tracked(torch)
    assert torch.as_tensor(y) is y, "as_tensor gave another object"
    assert torch.as_tensor(y, dtype=torch.float64) is y, "as_tensor with the same dtype gave another object"
    cast = torch.as_tensor(y, dtype=torch.float32)
    assert cast.dtype is torch.float32, f"as_tensor gave dtype {cast.dtype}"
    assert cast.grad_fn is not None, "the cast has no history"
    (cast * cast).sum().backward()
    assert x.grad.tolist() == [18.0, -36.0], f"through the cast the leaf got {x.grad}"
    assert x.grad.dtype is torch.float64, f"the gradient has dtype {x.grad.dtype}"


@behaviour(
    "detach.asarray-requires-grad-false-detaches",
    level=MUST,
    profile=IMPERATIVE,
    source="torch.asarray, docstring, requires_grad: the default detaches a tensor that is shared",
    kills=["copy-keeps-history"],
)
def asarray_requires_grad_false_detaches(torch):
    """torch.asarray(b, requires_grad=False) shares memory with b but does not require grad."""
    _, y = _tracked(torch)
    for b in (y, y * y, y.detach()):
        flag = b.requires_grad
        c = torch.asarray(b, requires_grad=False)
        assert not c.requires_grad, "asarray(b, requires_grad=False) requires grad"
        assert c.grad_fn is None, f"asarray(b, requires_grad=False) has grad_fn {c.grad_fn}"
        assert c.data_ptr() == b.data_ptr(), "asarray(b, requires_grad=False) is a copy"
        assert c.tolist() == b.tolist(), "asarray changed the values"
        assert b.requires_grad is flag, "asarray changed requires_grad of its argument"


@behaviour(
    "detach.asarray-requires-grad-true-keeps-history",
    level=MUST,
    profile=IMPERATIVE,
    source="torch.asarray, docstring, requires_grad",
    kills=["copy-loses-history"],
)
def asarray_requires_grad_true_keeps_history(torch):
    """torch.asarray(b, requires_grad=True) and torch.asarray(b) of a tensor with history keep that history."""
    x, b = _tracked(torch)
    with quiet():
        results = torch.asarray(b, requires_grad=True), torch.asarray(b)
    for d in results:
        assert d.requires_grad, "asarray gave a tensor that does not require grad"
        assert d.grad_fn is not None, "asarray lost the history"
        (g,) = torch.autograd.grad((d * d).sum(), x, retain_graph=True)
        assert g.tolist() == [18.0, -36.0], f"through asarray the gradient is {g.tolist()}"


@behaviour(
    "detach.item-and-tolist-leave-the-graph",
    level=MUST,
    profile=FUNCTIONAL,
    source="Tensor.item and Tensor.tolist, docstrings: not differentiable",
    kills=["item-returns-tensor"],
)
def item_and_tolist_leave_the_graph(torch):
    """item() and tolist() return plain Python numbers and are not differentiable, so that results computed from them
    carry no gradient.
    """
    x = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    m = torch.tensor([[1.5, 2.0], [0.25, -3.0]], dtype=torch.float64, requires_grad=True)
    assert type(x.item()) is float, f"item() gave {type(x.item()).__name__}"
    assert type(torch.tensor(3).item()) is int, "item() of an integer tensor gave no int"
    assert m.tolist() == [[1.5, 2.0], [0.25, -3.0]], f"tolist() gave {m.tolist()}"
    assert type(m.tolist()[0][1]) is float, "tolist() gave no Python floats"
    (x * x.item() + x * m.tolist()[1][1]).backward()
    assert x.grad.tolist() == [-1.0], f"x * 2 - x * 3 with numbers read out has gradient {x.grad.tolist()}"
    assert m.grad is None, f"the gradient went through tolist(): {m.grad}"


@also("detach.item-and-tolist-leave-the-graph")
def number_read_out_is_constant(p):
    """A single number taken out of the graph multiplies like a constant, whatever it was computed from."""
    x = p.leaf([2.0, -1.0])
    number = (x * x).sum().detach()
    (g,) = p.grad((number * x).sum(), x)
    p.expect(g, [5.0, 5.0])


@also("detach.item-and-tolist-leave-the-graph")
def numbers_read_out_are_exact(p):
    """The Python numbers are exactly those of the tensor."""
    p.expect(p.leaf(0.5).item(), 0.5)
    p.expect((p.leaf(-2.0) * 3).item(), -6.0)
    p.expect(p.leaf([1.5, -2.0]).tolist(), (1.5, -2.0))
    p.expect(p.leaf([[-3.25], [4.0]]).tolist(), ((-3.25,), (4.0,)))


@behaviour(
    "detach.float-of-loss-drops-history",
    level=SHOULD,
    profile=IMPERATIVE,
    source="FAQ, do not accumulate history across the training loop",
    kills=["item-returns-tensor"],
)
def float_of_loss_drops_history(torch):
    """Adding losses to a running total keeps their graphs alive, while adding float(loss) does not: a total built with
    float has no history.
    """
    x = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)
    numbers = kept = 0
    for _ in range(3):
        loss = x * 2
        with quiet():  # float() of a tensor that requires grad warns
            numbers += float(loss)
        kept += loss
    assert repr(numbers) == "9.0", f"a total of floats is {numbers!r}"
    assert kept.grad_fn is not None, "a total of losses has no history"
    kept.backward()
    assert x.grad.item() == 6.0, f"the gradient of the kept total is {x.grad.item()}"


@behaviour(
    "detach.as-subclass-stays-attached",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Tensor.as_subclass, docstring: stays attached to the graph",
    kills=["copy-loses-history"],
    needs=["subclass"],
)
def as_subclass_stays_attached(torch):
    """as_subclass() gives a tensor of the subclass over the same data that stays attached to the graph."""

    class Length(torch.Tensor):
        pass

    x, y = _tracked(torch)
    length = y.as_subclass(Length)
    assert type(length) is Length, f"as_subclass gave {type(length).__name__}"
    assert length.data_ptr() == y.data_ptr(), "as_subclass copied the data"
    assert length.requires_grad, "as_subclass lost the history"
    (length * length).sum().backward()
    assert x.grad.tolist() == [18.0, -36.0], f"through the subclass the leaf got {x.grad}"
