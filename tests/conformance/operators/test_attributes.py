"""Every attribute that changes a derivative is varied: PyTorch's own signatures say which attributes there are."""

from __future__ import annotations

import inspect
import re

import pytest

from conformance.operators import OperatorSpec, specs

CHANGING = frozenset(
    """
    align_corners alpha antialias approximate beta bias ceil_mode correction count_include_pad decimals delta diagonal dilation dim dim0
    dim1 dims divisor_override enable_gqa eps full_matrices groups ignore_index is_causal keepdim label_smoothing lambd
    largest left log_input log_target max min mode negative_slope norm offset ord output_padding p padding padding_idx
    pos_weight reduction rounding_mode scale scale_factor scale_grad_by_freq shifts size start_dim end_dim step stride threshold
    UPLO upper use_input_stats weight attn_mask training running_mean descending
    """.split()
)
"""Parameters that the gradient depends on, in PyTorch's spelling."""
NOT_VARIED = {
    ("nn.functional.embedding", "weight"): "what is differentiated, in every call",
    ("nn.functional.embedding", "padding_idx"): "its gradient is not the derivative of its value",
    ("nn.functional.embedding", "scale_grad_by_freq"): "its gradient is not the derivative of its value",
    (
        "nn.functional.multi_head_attention_forward",
        "is_causal",
    ): "chooses a kernel, and needs the mask that says the same",
    ("nn.functional.multi_head_attention_forward", "training"): "changes nothing where nothing is dropped at random",
    ("nn.functional.linear", "weight"): "what is differentiated, in every call",
    ("nn.functional.prelu", "weight"): "what is differentiated, in every call",
    ("lerp", "weight"): "what is differentiated, in every call",
    ("expand", "size"): "varied by its shapes: it must agree with them",
    ("nn.functional.interpolate", "scale_factor"): "varied beside size",
}
DIMENSIONS = ("dim", "dims", "start_dim", "dim0", "dim1", "source", "dimension")
SAMPLED = {name: spec for name, spec in specs().items() if spec.sampling is not None}


def parameters(name: str) -> set[str]:
    """The names of the parameters of PyTorch's function, by its signature or by the signatures in its documentation."""
    holder = torch = pytest.importorskip("torch")
    for part in name.split("."):
        holder = getattr(holder, part, None)
    function = holder if callable(holder) else getattr(torch.Tensor, name, None)
    try:
        return set(inspect.signature(function).parameters) - {"args", "kwargs"}
    except (TypeError, ValueError):
        signatures = re.findall(rf"{name.rpartition('.')[2]}\(([^)]*)\)", (function.__doc__ or "")[:600])
        return set(re.findall(r"(\w+)(?=\s*(?:=|,|$|:))", ",".join(signatures)))


def values_of(spec: OperatorSpec, attribute: str) -> set[str]:
    """What an attribute takes over all calls: its values, and whether it is a tensor or stays away."""
    default = spec.attributes.get(attribute, "absent")
    return {
        "tensor" if call.shapes.get(attribute) is not None else repr(call.attributes.get(attribute, default))
        for call in spec.sampling.calls
    }


@pytest.mark.parametrize("name", SAMPLED)
def test_every_attribute_that_changes_the_derivative_is_varied(name: str) -> None:
    spec = SAMPLED[name]
    asked = sorted(parameters(name) & CHANGING)
    fixed = [a for a in asked if len(values_of(spec, a)) < 2 and (name, a) not in NOT_VARIED and a not in spec.tensors]
    assert not fixed, f"{name} never varies {fixed}"


@pytest.mark.parametrize("name", [n for n, s in SAMPLED.items() if set(DIMENSIONS) & set(s.attributes) and n != "tile"])
def test_dimensions_are_counted_from_the_end_too(name: str) -> None:
    given = [call.attributes.get(d) for call in SAMPLED[name].sampling.calls for d in DIMENSIONS]
    defaults = [SAMPLED[name].attributes.get(d) for d in DIMENSIONS]
    assert any(n < 0 for n in flat([*given, *defaults])), f"{name} is never asked with a negative dimension"


def flat(value: object) -> list[int]:
    if isinstance(value, (list, tuple)):
        return [n for v in value for n in flat(v)]
    return [value] if isinstance(value, int) else []


def test_no_exemption_outlives_its_attribute() -> None:
    for name, attribute in NOT_VARIED:
        assert attribute in parameters(name), (name, attribute)


@pytest.mark.parametrize(
    "name", "getitem gather take_along_dim index_select index_add scatter_add nn.functional.embedding".split()
)
def test_indices_are_repeated(name: str) -> None:
    """More indices into a dimension than it has places, so that some place is met twice."""
    sampling = SAMPLED[name].sampling
    counts = [
        (max(shape, default=1), abs(choice.below))
        for call in sampling.calls
        for argument, shape in call.shapes.items()
        if (choice := sampling.choice(call, argument)) is not None and choice.kind == "index"
    ]
    assert any(count > places for count, places in counts)


def test_second_operands_hold_integers_and_other_dtypes() -> None:
    binary = {
        n
        for n, s in SAMPLED.items()
        if s.sampling.pointwise and len(s.sampling.differentiated(s.sampling.calls[0])) == 2
    }
    without = {n for n in binary if not SAMPLED[n].sampling.second}
    assert without == {"complex", "nextafter", "polar"}, "these take two real tensors of one dtype"
    assert len(binary) >= 15
