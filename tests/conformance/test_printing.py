import contextlib
import io
import warnings
from functools import cache

import numpy as np
import pytest

from conformance import catalogue
from conformance.codec import encode_array, encode_literal
from conformance.engines.torch import TorchEngine
from conformance.excerpt import excerpt
from conformance.literals import index, literal, number, tensor
from conformance.printing import adapter_code, as_code, case_code, expected
from conformance.profiles import is_operator_case
from conformance.program import KINDS, Program, Statement
from conformance.recorder import Recorder
from conformance.spelling import spelled
from tests.conformance.whole_list import every_case

torch = pytest.importorskip("torch", reason="printed code is PyTorch's", exc_type=ImportError)

CASES = catalogue.load()
PROGRAMS = [c for c in CASES if c.program is not None]
FROZEN = {c.requirement: c for c in every_case() if is_operator_case(c)}
"""One frozen case for each operator and group."""
FUNCTIONS = [c for c in CASES if c.program is None]


@pytest.fixture(scope="module")
def engine():
    yield TorchEngine()
    torch.set_warn_always(False)


@pytest.fixture(autouse=True)
def restored():
    """Numbers are printed as before: the scripts set it for the whole of their engine."""
    yield
    torch.set_printoptions(profile="default")
    refgrad_engine().torch.set_printoptions(profile="default")


@cache
def refgrad_engine():
    from conformance.engines.refgrad import RefgradEngine

    return RefgradEngine()


def run_printed(code, keep=None):
    """What the script prints, by read, each seen at the moment of printing; tensors of `keep` as encoded arrays."""
    seen = {}

    def kept(value):
        if keep is not None and hasattr(value, "requires_grad"):
            return encode_array(keep(value))
        return value.detach().clone() if isinstance(value, torch.Tensor) else value

    def show(label, *values):
        seen[label.partition(":")[0]] = [kept(v) for v in values]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(code, "<printed>", "exec"), {"print": show})  # noqa: S102 - running it is the test
    return seen


def error_of(code):
    try:
        run_printed(code)
    except Exception as error:  # noqa: BLE001 - the class of whatever is raised is compared
        return type(error).__name__
    return ""


def agrees(observation, shown, engine):
    ((kind, content),) = observation.items()
    if kind == "array":
        return encode_array(engine.read(shown[0])) == content
    if kind == "error":
        return shown[0] == content["class"] and str(shown[1]) == content["message"]
    if kind == "warnings":
        return [(w["classes"][0], w["message"]) for w in content] == shown[0]
    if kind == "none":
        return shown[0] in (None, "nothing was raised")
    return encode_literal(plain(shown[0])) == content


def plain(value):
    return str(value).removeprefix("torch.") if isinstance(value, torch.dtype) else value


@pytest.mark.parametrize("case", [*PROGRAMS, *FROZEN.values()], ids=lambda c: c.id)
def test_a_printed_program_shows_what_the_engine_observes(case, engine):
    reply = engine.run(case.program)
    if reply["status"] != "done":
        code = as_code(case.program)
        missing = {"TypeError"} if "unpack_dual" in code else set()  # a missing tangent is None here, to engines zeros
        assert error_of(code) in {reply["error"]["class"], *missing}
        return
    shown = run_printed(as_code(case.program, notes=expected(case.expectations)))
    wrong = {
        name: (o, shown.get(name)) for name, o in reply["observations"].items() if not agrees(o, shown[name], engine)
    }
    assert not wrong, as_code(case.program)


@pytest.mark.parametrize("case", FUNCTIONS, ids=lambda c: c.id)
def test_the_excerpt_of_a_namespace_case_runs_by_itself(case):
    with contextlib.redirect_stdout(io.StringIO()):
        names = {"__name__": "excerpt"}
        code = excerpt(case.function)
        assert "@behaviour" not in code
        exec(compile(code.rpartition("\n\n")[0], "<printed>", "exec"), names)  # noqa: S102 - defining it is the test
    assert callable(names[case.function.partition(":")[2]])


def test_one_statement_takes_one_line():
    p = Recorder()
    x = p.leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    assert len(as_code(p.program()).partition("\n\n")[2].splitlines()) == len(p.program().statements)


def test_the_names_of_another_engine_are_imported_as_torch():
    p = Recorder()
    p.leaf([1.0])
    assert as_code(p.program(), "refgrad").startswith("import refgrad as torch\n")


def test_defaults_are_left_out_and_given_attributes_stay():
    p = Recorder()
    x = p.leaf([[1.0, 2.0]])
    x.sum()
    x.sum(dim=(0,), keepdim=True)
    code = as_code(p.program())
    assert "torch.sum(t1)\n" in code
    assert "torch.sum(t1, dim=(0,), keepdim=True)" in code


def test_blocks_are_with_and_try_statements():
    p = Recorder()
    x = p.leaf([1.0, 2.0])
    with p.set_grad_enabled(False):
        x * 2
    with p.raises("RuntimeError", "scalar"):
        x.backward()
    code = as_code(p.program(), notes=expected(p.expectations))
    assert "with torch.set_grad_enabled(False):\n    t2 = t1 * 2\n" in code
    assert "try:\n    t1.backward()\nexcept Exception as error:\n" in code
    assert "# must be RuntimeError with 'scalar' in its message" in code


def test_every_kind_of_statement_has_a_spelling():
    assert spelled() == set(KINDS)


def test_other_adapters_get_a_script_that_runs_the_adapter():
    p = Recorder()
    x = p.leaf([0.1, -0.0])
    p.expect(x * 2, [0.2, -0.0])
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(adapter_code(p.program(), "conformance.engines.torch:TorchEngine"), {})  # noqa: S102 - running it is the test
    assert "'status': 'done'" in out.getvalue()


def test_a_case_is_printed_with_what_it_must_show():
    case = next(c for c in PROGRAMS if c.id == "accumulation.backward-twice-adds@float64")
    assert "# must be" in case_code(case, "refgrad")
    assert case_code(case, "pkg.mod:Engine").startswith("import json\nfrom pkg.mod import Engine\n")


@pytest.mark.parametrize(
    "value", [0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, 2, True, 1e-8, 1 + 2j, float("inf")]
)
def test_numbers_come_back_exactly(value):
    back = eval(number(value), {"fromhex": float.fromhex, "inf": float("inf")})  # noqa: S307 - our own source
    assert repr(back) == repr(value)


def test_nan_comes_back():
    assert np.isnan(eval(number(float("nan")), {"nan": float("nan")}))  # noqa: S307 - our own source


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "complex64", "int64", "bool"])
@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 0), (3,), (2, 3), (200,)])
def test_tensors_come_back_exactly(dtype, shape, engine):
    from conformance.codec import numpy_dtype

    values = np.random.default_rng(0).standard_normal(shape) if shape != () else np.array(1 / 3)
    array = np.asarray(values).astype(numpy_dtype(dtype))
    import base64

    names = {"torch": torch, "np": np, "base64": base64, "fromhex": float.fromhex}
    back = eval(tensor(array, requires_grad=dtype[0] == "f"), names)  # noqa: S307 - our own source
    assert str(back.dtype) == f"torch.{dtype}"
    assert back.requires_grad == (dtype[0] == "f")
    assert tuple(back.shape) == shape
    assert engine.read(back).tobytes() == array.tobytes()


@pytest.mark.parametrize("value", ["a\"b'c", ("x", 1, None, (2.5,)), "", (1,), ()])
def test_literals_come_back(value):
    assert eval(literal(value), {}) == value  # noqa: S307 - our own source


@pytest.mark.parametrize("value", [0, slice(None), (slice(1, None, 2), None, Ellipsis, -1), (0,), True])
def test_an_index_comes_back(value):
    class Shown:
        def __getitem__(self, item):
            return item

    assert eval(f"x[{index(value)}]", {"x": Shown()}) == value  # noqa: S307 - our own source


def test_an_unknown_kind_is_a_fault_of_the_suite(monkeypatch):
    from conformance import spelling
    from conformance.errors import SuiteFault

    monkeypatch.setattr(spelling, "_SPELLINGS", {})
    with pytest.raises(SuiteFault, match="no spelling for a statement 'backward'"):
        list(spelling.lines([Statement("backward")], spelling.Scope.of(Program(()))))


@pytest.mark.parametrize("case", PROGRAMS, ids=lambda c: c.id)
def test_a_printed_program_runs_on_refgrad_as_through_its_adapter(case):
    engine = refgrad_engine()
    reply = engine.run(case.program)
    code = as_code(case.program, "refgrad")
    if reply["status"] == "unsupported":
        pytest.skip(f"refgrad lacks {reply['feature']}")
    if reply["status"] != "done":
        assert reply["error"]["class"] == error_of(code)
        return
    seen = run_printed(code, keep=engine.read)
    assert {n: seen[n] for n, o in reply["observations"].items() if "array" in o} == {
        n: [o["array"]] for n, o in reply["observations"].items() if "array" in o
    }
