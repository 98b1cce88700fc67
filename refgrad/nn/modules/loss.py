"""Losses, each of them a function of `torch.nn.functional` and its options in the order of PyTorch's constructors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from refgrad.nn import functional as F
from refgrad.nn.modules.function_module import FunctionModule

Options = Mapping[str, Any]
_MEAN: Options = {"size_average": None, "reduce": None, "reduction": "mean"}
"""The options that almost all losses end with; the first two are deprecated."""


class L1Loss(FunctionModule):
    """The absolute differences."""

    function, options = F.l1_loss, _MEAN


class MSELoss(FunctionModule):
    """The squared differences.

    >>> from refgrad import tensor
    >>> MSELoss()(tensor([1.0, 2.0]), tensor([1.0, 4.0]))
    tensor(2.)
    """

    function, options = F.mse_loss, _MEAN


class SmoothL1Loss(FunctionModule):
    """Squared differences near zero, absolute ones elsewhere."""

    function, options = F.smooth_l1_loss, {**_MEAN, "beta": 1.0}


class HuberLoss(FunctionModule):
    """Half the squared differences up to `delta`, linear beyond."""

    function, options = F.huber_loss, {"reduction": "mean", "delta": 1.0}


class SoftMarginLoss(FunctionModule):
    """The logistic loss of targets 1 and -1."""

    function, options = F.soft_margin_loss, _MEAN


class NLLLoss(FunctionModule):
    """The negated log-probabilities of the target classes."""

    function = F.nll_loss
    options: ClassVar[Options] = {
        "weight": None,
        "size_average": None,
        "ignore_index": -100,
        "reduce": None,
        "reduction": "mean",
    }


class CrossEntropyLoss(FunctionModule):
    """The negated log-softmax at the target classes."""

    function, options = F.cross_entropy, {**NLLLoss.options, "label_smoothing": 0.0}


class KLDivLoss(FunctionModule):
    """The Kullback-Leibler divergence."""

    function, options = F.kl_div, {**_MEAN, "log_target": False}


class BCELoss(FunctionModule):
    """The cross entropy of probabilities."""

    function, options = F.binary_cross_entropy, {"weight": None, **_MEAN}


class BCEWithLogitsLoss(FunctionModule):
    """The cross entropy of the sigmoid of the input."""

    function, options = F.binary_cross_entropy_with_logits, {"weight": None, **_MEAN, "pos_weight": None}


class PoissonNLLLoss(FunctionModule):
    """The negated logarithm of a Poisson likelihood."""

    function = F.poisson_nll_loss
    options: ClassVar[Options] = {
        "log_input": True,
        "full": False,
        "size_average": None,
        "eps": 1e-8,
        "reduce": None,
        "reduction": "mean",
    }


class GaussianNLLLoss(FunctionModule):
    """The negated logarithm of a Gaussian likelihood; the variance is the third input."""

    function, options = F.gaussian_nll_loss, {"full": False, "eps": 1e-6, "reduction": "mean"}


class MarginRankingLoss(FunctionModule):
    """How far two inputs are from being ranked as the target says."""

    function, options = F.margin_ranking_loss, {"margin": 0.0, **_MEAN}


class HingeEmbeddingLoss(FunctionModule):
    """The input for targets 1, the margin less it for targets -1."""

    function, options = F.hinge_embedding_loss, {"margin": 1.0, **_MEAN}


class CosineEmbeddingLoss(FunctionModule):
    """One less the cosine for targets 1, the cosine above the margin for targets -1."""

    function, options = F.cosine_embedding_loss, {"margin": 0.0, **_MEAN}


class TripletMarginLoss(FunctionModule):
    """How much farther the positive is than the negative, plus the margin."""

    function = F.triplet_margin_loss
    options: ClassVar[Options] = {"margin": 1.0, "p": 2.0, "eps": 1e-6, "swap": False, **_MEAN}


class CTCLoss(FunctionModule):
    """The negated log-probability of all alignments of labels with a longer sequence."""

    function, options = F.ctc_loss, {"blank": 0, "reduction": "mean", "zero_infinity": False}
