"""Looking at the recorded graph: nodes, their names and edges, and what they saved."""

from __future__ import annotations

from conformance.cases import IMPERATIVE, MAY, MUST, SHOULD, also, behaviour
from conformance.catalogue.assertions import assert_equal, leaves, raises
from conformance.catalogue.functions import square

_NODE = "autograd.graph.Node"
_SAVED = "Autograd mechanics, saved tensors"
_EDGE = "autograd.graph.GradientEdge and get_gradient_edge, docstrings"


@behaviour(
    "graph.grad-fn-none-for-leaf",
    level=MUST,
    profile=IMPERATIVE,
    source="autograd page, autograd graph; Tensor.is_leaf, docstring",
    kills=["no-grad-leaks", "requires-grad-by-default"],
)
def grad_fn_none_for_leaf(p):
    """grad_fn is None for leaves and for tensors made with recording off, and a Node for results of recorded
    operations.
    """
    for value in (1.0, [1.0, 2.0]):
        x, c = p.leaf(value), p.constant(value)
        p.expect(x.grad_fn, None)
        p.expect((x * 2).grad_fn, "MulBackward0")
        p.expect((c * 2).grad_fn, None)
        with p.no_grad():
            p.expect((x * 2).grad_fn, None)


@also("graph.grad-fn-none-for-leaf")
def grad_fn_is_a_node(torch):
    for x in leaves(torch):
        assert isinstance((x * 2).grad_fn, torch.autograd.graph.Node)


@behaviour(
    "graph.node-names",
    level=MAY,
    profile=IMPERATIVE,
    source=f"introductory autograd notes; {_NODE}.name, docstring",
    kills=["node-names-plain"],
)
def node_names(torch):
    """Nodes are named after their operation: AddBackward0, SubBackward0, MulBackward0, DivBackward0, PowBackward0,
    NegBackward0, ExpBackward0, SumBackward0, SigmoidBackward0 and CloneBackward0.
    """
    made = {
        "Add": lambda t: t + 1,
        "Sub": lambda t: t - 1,
        "Mul": lambda t: t * 2,
        "Div": lambda t: t / 2,
        "Pow": lambda t: t**2,
        "Neg": lambda t: -t,
        "Exp": torch.exp,
        "Sum": torch.sum,
        "Sigmoid": torch.sigmoid,
        "Clone": torch.clone,
    }
    for x in leaves(torch):
        for name, operation in made.items():
            assert operation(x).grad_fn.name() == f"{name}Backward0"


@behaviour(
    "graph.repr-shows-grad-fn",
    level=MAY,
    profile=IMPERATIVE,
    source="introductory autograd notes; autograd tutorials",
    kills=["repr-hides-history"],
)
def repr_shows_grad_fn(p):
    """The repr of a non-leaf ends with grad_fn=<Name>."""
    for value in (1.0, [1.0, 2.0]):
        p.expect_words((p.leaf(value) ** 2).repr, "grad_fn=<PowBackward0>)")
        p.expect_words((p.leaf(value) + 1).repr, "grad_fn=<AddBackward0>)")
        p.expect_words(p.leaf(value).repr, "grad_fn", present=False)


@behaviour(
    "graph.next-functions",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_NODE}.next_functions",
    kills=["next-functions-drop-constants"],
)
def next_functions(torch):
    """next_functions of a node is a tuple of (node, index) pairs, one per input; inputs that do not require grad have
    node None, and a leaf is represented by a node with an attribute variable that is the leaf.
    """
    for x in leaves(torch):
        found = (x * x.detach()).grad_fn.next_functions
        assert isinstance(found, tuple)
        assert len(found) == 2
        assert found[0][0].variable is x
        assert found[0][1] == 0
        assert found[1][0] is None


@behaviour(
    "graph.chain-is-walkable",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Autograd mechanics, how autograd encodes the history",
    kills=["leaf-node-each-time"],
)
def chain_is_walkable(torch):
    """The graph can be walked from root to leaf through next_functions; the leaf node of one leaf is the same object
    each time.
    """
    for x in leaves(torch):
        a, b = x.exp(), x.sin()
        assert a.grad_fn.next_functions[0][0] is b.grad_fn.next_functions[0][0]
        node, names = (a * 2).grad_fn, []
        while node is not None:
            names.append(node.name())
            node = node.next_functions[0][0] if node.next_functions else None
        assert names[:2] == ["MulBackward0", "ExpBackward0"]
        assert names[2].endswith("AccumulateGrad")
        assert len(names) == 3


@behaviour(
    "graph.metadata-is-a-dict",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_NODE}.metadata",
    kills=["node-metadata-shared"],
)
def metadata_is_a_dict(torch):
    """metadata of a node is a dict that the user may write to and that stays with the node."""
    for x in leaves(torch):
        y = x * 2
        assert isinstance(y.grad_fn.metadata, dict)
        y.grad_fn.metadata["k"] = 5
        assert y.grad_fn.metadata["k"] == 5
        assert "k" not in (x * 2).grad_fn.metadata


@behaviour(
    "graph.saved-attributes",
    level=SHOULD,
    profile=IMPERATIVE,
    source=f"{_SAVED}; autograd page, autograd graph",
    kills=["saved-attributes-hidden", "saved-is-the-result"],
)
def saved_attributes(torch):
    """Tensors saved by a built-in operation are readable as grad_fn._saved_<name>: the input for pow, the result for
    exp, both operands for a product.
    """
    for x in leaves(torch):
        assert x.pow(2).grad_fn._saved_self is x
        y = x.exp()
        assert_equal(y.grad_fn._saved_result, y)
        w = (x.detach() + 1).requires_grad_()
        product = (x * w).grad_fn
        assert_equal(product._saved_self, x)
        assert_equal(product._saved_other, w)


@behaviour(
    "graph.saved-result-is-other-object",
    level=MAY,
    profile=IMPERATIVE,
    source=_SAVED,
    depends=["graph.saved-attributes"],
    kills=["saved-is-the-result"],
)
def saved_result_is_other_object(torch):
    """A saved output is handed out as a different tensor object with the same storage and with the same grad_fn."""
    for x in leaves(torch, shapes=((), (3,), (2, 3))):
        y = x.exp()
        saved = y.grad_fn._saved_result
        assert saved is not y
        assert saved.data_ptr() == y.data_ptr()
        assert saved.grad_fn is y.grad_fn


@behaviour(
    "graph.hooks-change-saved-identity",
    level=MAY,
    profile=IMPERATIVE,
    source="Autograd mechanics, registering default hooks for saved tensors",
    needs=["saved-tensors"],
    depends=["saved-hooks.pack-called-per-saved-tensor"],
    kills=["saved-hooks-ignored"],
)
def hooks_change_saved_identity(torch):
    """Without hooks a saved leaf is handed out as the same object; with saved-tensor hooks it is a new object over the
    same storage.
    """
    for x in leaves(torch, shapes=((), (3,), (2, 3))):
        assert (x * x).grad_fn._saved_self is x
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t.detach(), lambda t: t):
            y = x * x
        assert y.grad_fn._saved_self is not x
        assert y.grad_fn._saved_self.data_ptr() == x.data_ptr()


@behaviour(
    "graph.gradient-edge",
    level=SHOULD,
    profile=IMPERATIVE,
    source=_EDGE,
    kills=["output-number-zero"],
)
def gradient_edge(torch):
    """get_gradient_edge(t) gives a GradientEdge with the node and output number at which t's gradient is computed:
    grad_fn for a non-leaf, the accumulation node for a leaf.
    """
    get = torch.autograd.graph.get_gradient_edge
    for x in leaves(torch, shapes=((2,), (2, 3))):
        pieces = (x * 1).unbind()
        for number, piece in enumerate(pieces):
            edge = get(piece)
            assert isinstance(edge, torch.autograd.graph.GradientEdge)
            assert edge.node is piece.grad_fn
            assert edge.output_nr == number
        assert get(x).node.variable is x


@behaviour(
    "graph.gradient-edge-without-grad-raises",
    level=SHOULD,
    profile=IMPERATIVE,
    source="autograd.graph.get_gradient_edge, docstring",
    kills=["gradient-edge-of-anything"],
)
def gradient_edge_without_grad_raises(torch):
    """get_gradient_edge of a tensor that does not require grad raises RuntimeError."""
    for x in leaves(torch, requires_grad=False):
        with raises(RuntimeError, "does not require gradients"):
            torch.autograd.graph.get_gradient_edge(x)


@behaviour(
    "graph.custom-function-node-name",
    level=MAY,
    profile=IMPERATIVE,
    source="autograd.Function, docstring",
    depends=["custom.forward-and-backward-are-used"],
    kills=["node-names-plain"],
)
def custom_function_node_name(torch):
    """The node of a custom Function is named after the class with Backward appended."""
    for x in leaves(torch):
        assert square(torch).apply(x).grad_fn.name() == "SquareBackward"


@behaviour(
    "graph.output-number",
    level=MAY,
    profile=IMPERATIVE,
    source="autograd.graph.GradientEdge, docstring",
    kills=["output-number-zero"],
)
def output_number(torch):
    """output_nr of a tensor tells which output of its node it is; it is 0 for leaves and single outputs."""
    for x in leaves(torch, shapes=((2,), (3, 2))):
        assert x.output_nr == 0
        assert (x * 1).output_nr == 0
        assert [piece.output_nr for piece in (x * 1).unbind()] == list(range(x.shape[0]))


@behaviour(
    "graph.dag-has-no-forward-only-nodes",
    level=SHOULD,
    profile=IMPERATIVE,
    source="Autograd mechanics, setting requires_grad",
    kills=["next-functions-drop-constants"],
)
def dag_has_no_forward_only_nodes(torch):
    """Operations on constants only do not appear in the graph: a product with a computed constant has a single
    non-None next function.
    """
    for x in leaves(torch):
        y = x * x.detach().exp().sin()
        assert [node is None for node, _ in y.grad_fn.next_functions] == [False, True]
