"""ResNet-18 as published (He et al. 2015, table 1), with the names that torchvision gives to its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from conformance.workloads.model import Arrays, Orders, Workload

STAGES = ((1, 64, 1), (2, 128, 2), (3, 256, 2), (4, 512, 2))
"""Number, channels and first stride of each stage; each has two blocks."""
Shapes = dict[str, tuple[int, ...]]


def _norm(name: str, channels: int) -> Shapes:
    return {f"{name}.weight": (channels,), f"{name}.bias": (channels,)}


def shapes(classes: int) -> Shapes:
    """The shape of each parameter."""
    found: Shapes = {"conv1.weight": (64, 3, 7, 7), **_norm("bn1", 64)}
    width = 64
    for stage, channels, stride in STAGES:
        for block in range(2):
            at = f"layer{stage}.{block}"
            found |= {f"{at}.conv1.weight": (channels, width, 3, 3), **_norm(f"{at}.bn1", channels)}
            found |= {f"{at}.conv2.weight": (channels, channels, 3, 3), **_norm(f"{at}.bn2", channels)}
            if block == 0 and (stride != 1 or width != channels):
                found |= {f"{at}.downsample.0.weight": (channels, width, 1, 1), **_norm(f"{at}.downsample.1", channels)}
            width = channels
    return found | {"fc.weight": (classes, 512), "fc.bias": (classes,)}


def _normalised(torch: Any, p: Mapping[str, Any], name: str, x: Any) -> Any:
    return torch.nn.functional.batch_norm(x, weight=p[f"{name}.weight"], bias=p[f"{name}.bias"], training=True)


def _convolved(torch: Any, p: Mapping[str, Any], name: str, x: Any, stride: int, padding: int) -> Any:
    pair = ((stride, stride), (padding, padding))
    return torch.nn.functional.conv2d(x, p[f"{name}.weight"], stride=pair[0], padding=pair[1])


def _block(torch: Any, p: Mapping[str, Any], at: str, x: Any, stride: int) -> Any:
    """Two convolutions around which the input is carried on."""
    y = _normalised(torch, p, f"{at}.bn1", _convolved(torch, p, f"{at}.conv1", x, stride, 1))
    y = _convolved(torch, p, f"{at}.conv2", torch.nn.functional.relu(y), 1, 1)
    y = _normalised(torch, p, f"{at}.bn2", y)
    if f"{at}.downsample.0.weight" in p:
        x = _normalised(torch, p, f"{at}.downsample.1", _convolved(torch, p, f"{at}.downsample.0", x, stride, 0))
    return torch.nn.functional.relu(torch.add(y, x))


def prediction(torch: Any, p: Mapping[str, Any], x: Any) -> Any:
    """The scores (N, classes) of images (N, 3, H, W)."""
    x = _normalised(torch, p, "bn1", _convolved(torch, p, "conv1", x, 2, 3))
    x = torch.nn.functional.max_pool2d(torch.nn.functional.relu(x), kernel_size=3, stride=2, padding=1)
    for stage, _, stride in STAGES:
        for block in range(2):
            x = _block(torch, p, f"layer{stage}.{block}", x, 1 if block else stride)
    x = torch.flatten(torch.nn.functional.adaptive_avg_pool2d(x, output_size=(1, 1)), start_dim=1)
    return torch.nn.functional.linear(x, p["fc.weight"], p["fc.bias"])


def loss(torch: Any, p: Mapping[str, Any], x: Mapping[str, Any]) -> Any:
    """The sum of the predictions less the labels."""
    return torch.sum(torch.sub(prediction(torch, p, x["image"]), x["labels"]))


_STEM, _LAST = STAGES[0][1], STAGES[-1][1]


def units(name: str) -> tuple[str | None, ...]:
    """What each dimension of a parameter numbers: the channels by their stage. Colours and classes stay in order."""
    if name.startswith("fc."):
        return (None, str(_LAST)) if name.endswith("weight") else (None,)
    if not name.startswith("layer"):
        return (str(_STEM),)
    stage, block, part = name.removeprefix("layer").split(".", 2)
    channels = [_STEM, *(channels for _, channels, _ in STAGES)]
    before, after = channels[int(stage) - 1 : int(stage) + 1]
    first = block == "0" and part.startswith(("conv1", "downsample.0"))
    return (str(after), str(before if first else after))


def orders(rng: np.random.Generator) -> Orders:
    """The channels of each stage in any order."""
    return {str(channels): rng.permutation(channels) for _, channels, _ in STAGES}


def _images(classes: int) -> Any:
    def inputs(rng: np.random.Generator) -> Arrays:
        return {"image": rng.random((1, 3, 64, 64)), "labels": rng.random((1, classes))}

    return inputs


RESNET18 = Workload(
    "resnet18",
    "ResNet-18, 1000 classes, one image of 64 x 64",
    lambda: shapes(1000),
    _images(1000),
    loss,
    units,
    orders,
)
FROZEN = Workload(
    "resnet18-frozen",
    "ResNet-18, all frozen but a new classifier of 10 classes",
    lambda: shapes(10),
    _images(10),
    loss,
    units,
    orders,
    trained=lambda name: name.startswith("fc."),
)
