"""Random numbers: generators, and the tensors drawn from them."""

from __future__ import annotations

import pickle
from typing import Any

from refgrad import dtypes
from refgrad.attributes import device as Device
from refgrad.backends import to_host
from refgrad.creation import _dtype, _finish, _shape, xp
from refgrad.modes import batching, state
from refgrad.rules import constant
from refgrad.tensor import Tensor, wrap

__all__ = [
    "Generator",
    "bernoulli",
    "default_generator",
    "get_rng_state",
    "manual_seed",
    "multinomial",
    "normal",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randn",
    "randn_like",
    "randperm",
    "seed",
    "set_rng_state",
]

_drawn_with = {
    name: constant(name, kernel=lambda xp, rates, *, drawn: xp.from_host(drawn.astype(rates.dtype)), promotes="none")
    for name in ("bernoulli", "poisson")
}


class Generator:
    """A random number generator with a state of its own. It draws on the host, so that a seed says the same numbers on
    every device.
    """

    def __init__(self, device: Any = "cpu") -> None:
        self.device, self._random, self._seed = Device(device), xp.random.default_rng(0), 0

    def manual_seed(self, seed: int) -> Generator:
        """This generator, restarted from the seed."""  # noqa: D404 - a method gives this tensor back
        self._random, self._seed = xp.random.default_rng(seed), seed
        return self

    def initial_seed(self) -> int:
        """The seed it was started from."""
        return self._seed

    def get_state(self) -> Any:
        """What `set_state` takes to continue from here."""
        return wrap(xp.frombuffer(pickle.dumps(self._random.bit_generator.state), xp.uint8).copy())

    def set_state(self, new_state: Any) -> Generator:
        """This generator, continued from a former state."""  # noqa: D404 - a method gives this tensor back
        self._random.bit_generator.state = pickle.loads(new_state._data.tobytes())  # noqa: S301, made by get_state
        return self


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """The default generator, restarted from the seed."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """A seed drawn at random, from which the default generator now starts."""
    drawn = int(xp.random.SeedSequence().entropy % 2**63)
    manual_seed(drawn)
    return drawn


def get_rng_state() -> Any:
    """What `set_rng_state` takes to continue from here."""
    return default_generator.get_state()


def set_rng_state(new_state: Any) -> None:
    """Continues the default generator from a former state."""
    default_generator.set_state(new_state)


def _drawn(draw: Any, shape: tuple[int, ...], dtype: Any, generator: Generator | None) -> Any:
    return xp.asarray(draw((generator or default_generator)._random, shape)).astype(_dtype(dtype))


def _normal(r: Any, shape: Any) -> Any:
    return r.standard_normal(shape)


def _complex_or(draw: Any, shape: Any, dtype: Any, generator: Any) -> Any:
    if dtype is not None and getattr(dtype, "is_complex", False):
        a, b = (_drawn(draw, shape, dtypes.float64, generator) for _ in range(2))
        return ((a + 1j * b) / (2**0.5 if draw is _normal else 1)).astype(dtypes.to_array(dtype))
    return _drawn(draw, shape, dtype, generator)


def _maybe_batched(draw: Any, shape: tuple[int, ...]) -> Tensor:
    """The tensor drawn; inside vmap as its randomness says."""
    return batching.random(draw, shape) if state.vmaps else draw(shape)


def rand(
    *size: Any, dtype: Any = None, requires_grad: bool = False, generator: Any = None, device: Any = None, **_: Any
) -> Tensor:
    """Numbers drawn evenly from [0, 1)."""
    shape = _shape(size or _.get("size", size))
    return _maybe_batched(
        lambda s: _finish(_complex_or(lambda r, n: r.random(n), s, dtype, generator), requires_grad, device), shape
    )


def randn(
    *size: Any, dtype: Any = None, requires_grad: bool = False, generator: Any = None, device: Any = None, **_: Any
) -> Tensor:
    """Numbers drawn from the standard normal distribution."""
    shape = _shape(size or _.get("size", size))
    return _maybe_batched(lambda s: _finish(_complex_or(_normal, s, dtype, generator), requires_grad, device), shape)


def randint(
    low: int,
    high: Any = None,
    size: Any = None,
    *,
    dtype: Any = None,
    generator: Any = None,
    device: Any = None,
    requires_grad: bool = False,
    **_: Any,
) -> Tensor:
    """Integers drawn from [low, high)."""
    if size is None and isinstance(high, (tuple, list)):
        low, high, size = 0, low, high
    elif high is None:
        low, high = 0, low
    drawn = (generator or default_generator)._random.integers(low, high, _shape((size,)))
    data = xp.asarray(drawn).astype(dtypes.to_array(dtypes.int64 if dtype is None else dtype))
    return _finish(data, requires_grad, device)


def randperm(n: int, *, generator: Any = None, dtype: Any = None, device: Any = None, **_: Any) -> Tensor:
    """The numbers below n in random order."""
    drawn = (generator or default_generator)._random.permutation(n)
    return _finish(drawn.astype(dtypes.to_array(dtype or dtypes.int64)), device=device)


def rand_like(input: Tensor, *, dtype: Any = None, **options: Any) -> Tensor:
    """Numbers drawn evenly from [0, 1), of the same shape and dtype."""
    options.setdefault("device", input.device)
    return rand(tuple(input.shape), dtype=dtype or input.dtype, **options)


def randn_like(input: Tensor, *, dtype: Any = None, **options: Any) -> Tensor:
    """Normally distributed numbers, of the same shape and dtype."""
    options.setdefault("device", input.device)
    return randn(tuple(input.shape), dtype=dtype or input.dtype, **options)


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Any = None, device: Any = None, **_: Any
) -> Tensor:
    """Normally distributed numbers of this mean and standard deviation."""
    shape = size if size is not None else (mean.shape if isinstance(mean, Tensor) else std.shape)
    like = next((v for v in (mean, std) if isinstance(v, Tensor)), None)
    device = device if like is None else like.device
    return randn(tuple(shape), generator=generator, device=device) * std + mean


def bernoulli(input: Tensor, *, generator: Any = None, **_: Any) -> Tensor:
    """Ones with the probabilities given, else zeros; of zero derivative."""
    drawn = (generator or default_generator)._random.random(tuple(input.shape)) < to_host(input._data)
    return _drawn_with["bernoulli"](input, drawn=drawn)


def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None, **_: Any
) -> Tensor:
    """Positions drawn with the probabilities that each row is proportional to; integers, so nothing is tracked."""
    weights = to_host(input._data)
    if weights.dtype.kind != "f":
        raise RuntimeError(f"multinomial only supports floating-point dtypes for input, got: {input.dtype}")
    if not 1 <= weights.ndim <= 2:
        raise RuntimeError("prob_dist must be 1 or 2 dim")
    if not (xp.isfinite(weights) & (weights >= 0)).all():
        raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0")
    if not weights.sum(-1).all():
        raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
    if not replacement and num_samples > weights.shape[-1]:
        raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement")
    random = (generator or default_generator)._random
    rows = [_positions(random, row / row.sum(), num_samples, replacement) for row in xp.atleast_2d(weights)]
    return _finish(xp.stack(rows).reshape((*weights.shape[:-1], num_samples)), device=input.device)


def _positions(random: Any, p: Any, n: int, replacement: bool) -> Any:
    """Positions drawn by their probabilities; without replacement those of the earliest of exponential waiting times."""
    if replacement:
        return random.choice(p.size, n, p=p.astype(float) / p.astype(float).sum())
    with xp.errstate(divide="ignore"):
        return xp.argsort(random.exponential(size=p.size) / p, kind="stable")[:n]


def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Counts drawn with the rates given; of zero derivative."""
    drawn = (generator or default_generator)._random.poisson(to_host(input._data))
    return _drawn_with["poisson"](input, drawn=drawn)
