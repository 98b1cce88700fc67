"""Under which public names the chapters' functions are found: in the main namespace, in the others, as methods."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad.api import (
    activation,
    alignment,
    arithmetic,
    calculus,
    checks,
    convolution,
    copies,
    cumulative,
    decomposition,
    distance,
    fft,
    grids,
    interpolation,
    joining,
    linalg,
    loss,
    lu,
    matrices,
    native,
    normalisation,
    norms,
    padding,
    pooling,
    products,
    reflectors,
    scattering,
    selection,
    shape,
    short_time,
    shuffling,
    sorting,
    special,
    statistics,
    triangular,
)

_FORMS = {
    "binary",
    "unary",
    "operand",
    "dims",
    "one_dim",
    "fields",
    "each",
    "averaged",
    "to_dtype",
    "reduced",
    "reduction_of",
    "checked",
    "with_out",
}


def _functions(chapter: Any) -> dict[str, Callable[..., Any]]:
    """What a chapter defines for the public."""
    return {
        name: f
        for name, f in vars(chapter).items()
        if callable(f) and not name.startswith("_") and not isinstance(f, type) and name not in _FORMS
        and getattr(f, "__module__", None) in (chapter.__name__, "refgrad.api.forms")
    }  # fmt: skip


def _chosen(chapter: Any, names: str) -> dict[str, Callable[..., Any]]:
    return {name: getattr(chapter, name) for name in names.split()}


FFT = _functions(fft)
SPECIAL = {
    **_functions(special),
    **_chosen(arithmetic, "expm1 exp2 log1p round"),
    **_chosen(activation, "softmax log_softmax logsumexp"),
    "expit": arithmetic.sigmoid,
}
LINALG = {
    **_chosen(
        decomposition, "inv det slogdet solve cholesky qr svd svdvals eigh eigvalsh eig eigvals matrix_power multi_dot"
    ),
    **_chosen(checks, "inv_ex solve_ex cholesky_ex"),
    **_chosen(lu, "lu lu_factor lu_factor_ex lu_solve"),
    **_chosen(matrices, "matrix_exp cond pinv lstsq tensorinv tensorsolve vander"),
    "solve_triangular": triangular.solve_triangular,
    "householder_product": reflectors.householder_product,
    "vector_norm": norms.vector_norm,
    "matrix_norm": norms.matrix_norm,
    "norm": norms.linalg_norm,
    "LinAlgError": decomposition.LinAlgError,
    "cross": products.linalg_cross,
    "vecdot": products.vecdot,
    "matmul": linalg.matmul,
    "diagonal": lambda A, *, offset=0, dim1=-2, dim2=-1: shape.diagonal(A, offset, dim1, dim2),
}
FUNCTIONAL = {
    name: f
    for chapter in (activation, loss, alignment, distance, normalisation, padding, convolution, pooling, interpolation)
    for name, f in _functions(chapter).items()
} | {
    "normalize": norms.normalize,
    "embedding": selection.embedding,
    "sigmoid": arithmetic.sigmoid,
    "tanh": arithmetic.tanh,
}

TORCH = {
    **_functions(joining),
    **_functions(copies),
    **_functions(cumulative),
    **_functions(sorting),
    **_functions(products),
    **_functions(convolution),
    **{k: f for k, f in SPECIAL.items() if k in (
        "erf erfc erfinv lgamma digamma polygamma mvlgamma i0 sinc xlogy logit igamma igammac heaviside softmax "
        "log_softmax logsumexp"
    ).split()},
    **_chosen(activation, "relu threshold celu selu prelu hardshrink bilinear"),
    **_chosen(norms, "norm dist cdist renorm"),
    **_functions(calculus),
    **_functions(statistics),
    **_chosen(decomposition, "det logdet slogdet matrix_power"),
    **_chosen(triangular, "triangular_solve cholesky_inverse cholesky_solve"),
    **_chosen(matrices, "matrix_exp pinverse"),
    "lu": lu.legacy_lu,
    "lu_solve": lu.legacy_lu_solve,
    "lu_unpack": lu.lu_unpack,
    "ormqr": reflectors.ormqr,
    "orgqr": reflectors.householder_product,
    "qr": decomposition.legacy_qr,
    **_chosen(pooling, "max_pool1d max_pool2d max_pool3d avg_pool1d adaptive_avg_pool1d"),
    **_chosen(normalisation, "layer_norm batch_norm group_norm instance_norm rms_norm"),
    **_chosen(distance, "cosine_similarity pairwise_distance pdist cosine_embedding_loss"),
    **_chosen(grids, "grid_sampler grid_sampler_2d grid_sampler_3d"),
    **_functions(native),
    **_functions(shuffling),
    "inverse": decomposition.inv,
    "svd": decomposition.legacy_svd,
    "cholesky": triangular.legacy_cholesky,
    "gammaln": special.lgamma,
    **_chosen(selection, "repeat_interleave tril triu"),
    **_chosen(scattering, "scatter_reduce index_reduce"),
    **_chosen(short_time, "stft istft"),
    "ctc_loss": alignment.ctc_loss,
    "constant_pad_nd": padding.constant_pad_nd,
    "embedding": lambda weight, indices, **options: selection.embedding(indices, weight, **options),
    "vecdot": products.vecdot,
}  # fmt: skip

METHODS = {
    **_functions(cumulative),
    **_functions(sorting),
    **_chosen(
        special, "erf erfc erfinv lgamma digamma polygamma mvlgamma i0 sinc xlogy logit igamma igammac heaviside"
    ),
    **_chosen(activation, "relu softmax log_softmax logsumexp prelu hardshrink"),
    **_chosen(norms, "norm dist renorm"),
    **_functions(statistics),
    **_chosen(decomposition, "det logdet slogdet matrix_power"),
    **_chosen(triangular, "triangular_solve cholesky_inverse cholesky_solve"),
    **_chosen(matrices, "matrix_exp pinverse"),
    **{name: TORCH[name] for name in ("lu", "lu_solve", "ormqr", "orgqr", "qr")},
    "inverse": decomposition.inv,
    "svd": decomposition.legacy_svd,
    "cholesky": TORCH["cholesky"],
    **_chosen(scattering, "scatter_reduce index_reduce"),
    **_chosen(short_time, "stft istft"),
    "kron": products.kron,
    "cross": products.cross,
    **_chosen(selection, "repeat_interleave tril triu"),
    **_chosen(copies, "narrow_copy as_strided_scatter"),
}
IN_PLACE = (
    "renorm scatter_reduce index_reduce "
    "erf erfc erfinv lgamma digamma polygamma mvlgamma sinc xlogy logit cumsum cumprod relu tril triu".split()  # also with a trailing _
)
