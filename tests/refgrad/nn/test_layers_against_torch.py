"""Every layer computes what PyTorch's computes, has its gradients, and prints as it does, in float64."""

import numpy as np
import pytest

import refgrad
import refgrad.nn

torch = pytest.importorskip("torch")

IMAGE, LINE, VOLUME, TABLE = (2, 4, 6, 6), (2, 4, 7), (2, 4, 5, 5, 5), (5, 4)
LAYERS = [
    ("Identity()", TABLE),
    ("Linear(4, 3)", TABLE),
    ("Linear(4, 3, bias=False)", (2, 3, 4)),
    ("Bilinear(4, 4, 3)", TABLE, TABLE),
    ("Conv1d(4, 6, 3, padding=1)", LINE),
    ("Conv2d(4, 6, 3, stride=2, padding=1)", IMAGE),
    ("Conv2d(4, 6, (3, 2), groups=2, dilation=2, bias=False)", IMAGE),
    ("Conv2d(4, 6, 3, padding='same', padding_mode='reflect')", IMAGE),
    ("Conv2d(4, 6, 3, padding=(1, 2), padding_mode='circular')", IMAGE),
    ("Conv3d(4, 2, 3)", VOLUME),
    ("ConvTranspose1d(4, 3, 3, stride=2)", LINE),
    ("ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2)", IMAGE),
    ("ConvTranspose3d(4, 2, 2)", VOLUME),
    ("BatchNorm1d(4)", TABLE),
    ("BatchNorm1d(4, momentum=None)", LINE),
    ("BatchNorm2d(4)", IMAGE),
    ("BatchNorm2d(4).eval()", IMAGE),
    ("BatchNorm2d(4, affine=False, track_running_stats=False).eval()", IMAGE),
    ("BatchNorm3d(4)", VOLUME),
    ("InstanceNorm1d(4, affine=True)", LINE),
    ("InstanceNorm2d(4, track_running_stats=True)", IMAGE),
    ("InstanceNorm2d(4)", IMAGE[1:]),
    ("LayerNorm(4)", TABLE),
    ("LayerNorm((6, 6), bias=False)", IMAGE),
    ("GroupNorm(2, 4)", IMAGE),
    ("RMSNorm(4)", TABLE),
    ("RMSNorm((6, 6), eps=0.1)", IMAGE),
    *[
        (f"{name}()", TABLE)
        for name in (
            "ReLU ReLU6 LeakyReLU Hardtanh Hardswish ELU CELU SELU SiLU Mish GELU Softplus Softshrink "
            "Hardshrink Softsign Tanhshrink LogSigmoid Sigmoid Tanh GLU PReLU"
        ).split()
    ],
    ("ReLU(inplace=True)", TABLE),
    ("Threshold(0.1, 2)", TABLE),
    ("LeakyReLU(0.3, inplace=True)", TABLE),
    ("GELU('tanh')", TABLE),
    ("Softplus(2, threshold=1)", TABLE),
    ("PReLU(4)", TABLE),
    ("Softmax(1)", TABLE),
    ("LogSoftmax(dim=0)", TABLE),
    ("Softmin(1)", TABLE),
    ("MaxPool1d(2)", LINE),
    ("MaxPool2d(3, stride=2, padding=1)", IMAGE),
    ("MaxPool2d(2, ceil_mode=True, dilation=2)", IMAGE),
    ("MaxPool3d(2)", VOLUME),
    ("LPPool1d(2, 3)", LINE),
    ("LPPool2d(2.0, (3, 2), ceil_mode=True)", IMAGE),
    ("AvgPool1d(2)", LINE),
    ("AvgPool2d(3, 2, 1, count_include_pad=False)", IMAGE),
    ("AvgPool3d(2)", VOLUME),
    ("AdaptiveAvgPool1d(3)", LINE),
    ("AdaptiveAvgPool2d((1, 1))", IMAGE),
    ("AdaptiveAvgPool2d((4, None))", IMAGE),
    ("AdaptiveAvgPool3d(2)", VOLUME),
    ("AdaptiveMaxPool2d(4)", IMAGE),
    ("LPPool2d(2, 3, stride=2)", IMAGE),
    ("Flatten()", IMAGE),
    ("Unflatten(1, (2, 2))", IMAGE),
    ("Upsample(scale_factor=2)", IMAGE),
    ("Upsample(size=(4, 9), mode='bilinear', align_corners=True)", IMAGE),
    ("PixelShuffle(2)", IMAGE),
    ("CosineSimilarity()", TABLE, TABLE),
    ("PairwiseDistance()", TABLE, TABLE),
    ("Dropout(0.3).eval()", TABLE),
    ("Dropout2d(0.0)", IMAGE),
    ("AlphaDropout(0.3).eval()", TABLE),
    ("RNNCell(4, 3, nonlinearity='relu')", TABLE),
    ("LSTMCell(4, 3)", TABLE),
    ("GRUCell(4, 3, bias=False)", TABLE),
    ("RNN(4, 3, num_layers=2)", (5, 2, 4)),
    ("LSTM(4, 3, num_layers=2, bidirectional=True)", (5, 2, 4)),
    ("LSTM(4, 3, batch_first=True)", (2, 5, 4)),
    ("GRU(4, 3, bidirectional=True)", (5, 4)),
    ("MultiheadAttention(4, 2)", (3, 2, 4), (5, 2, 4), (5, 2, 4)),
    ("MultiheadAttention(4, 2, batch_first=True, bias=False)", (2, 3, 4), (2, 5, 4), (2, 5, 4)),
    ("MultiheadAttention(4, 2, kdim=3, vdim=5)", (3, 2, 4), (5, 2, 3), (5, 2, 5)),
    ("MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True)", (3, 4), (5, 4), (5, 4)),
    ("TransformerEncoderLayer(4, 2, 8, dropout=0.0)", (3, 2, 4)),
    ("TransformerEncoderLayer(4, 2, 8, dropout=0.0, activation='gelu', norm_first=True, batch_first=True)", (2, 3, 4)),
    (
        "TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, 0.0), 2, nn.LayerNorm(4), enable_nested_tensor=False)",
        (3, 2, 4),
    ),
    ("Sequential(nn.Linear(4, 3), nn.Sequential(nn.ReLU(), nn.Dropout(0.0)))", TABLE),
    ("L1Loss()", TABLE, TABLE),
    ("MSELoss(reduction='sum')", TABLE, TABLE),
    ("SmoothL1Loss(beta=0.5)", TABLE, TABLE),
    ("HuberLoss('none', 0.5)", TABLE, TABLE),
    ("KLDivLoss(reduction='batchmean', log_target=True)", TABLE, TABLE),
    ("BCEWithLogitsLoss(pos_weight=torch.ones(4, dtype=torch.float64) * 2)", TABLE, TABLE),
    ("PoissonNLLLoss()", TABLE, TABLE),
    ("MarginRankingLoss(0.5)", TABLE, TABLE, TABLE),
    ("TripletMarginLoss()", TABLE, TABLE, TABLE),
]


def build(text, namespace, nn):
    return eval(f"nn.{text}", {"nn": nn, "torch": namespace}).double()  # noqa: S307 - the texts are above


def both(text):
    """The layer in both namespaces, with the same weights."""
    theirs, ours = build(text, torch, torch.nn), build(text, refgrad, refgrad.nn)
    rng = np.random.default_rng(0)
    for p in theirs.parameters():
        p.data = torch.from_numpy(rng.normal(size=p.shape))
    ours.load_state_dict({k: refgrad.from_numpy(v.numpy().copy()) for k, v in theirs.state_dict().items()})
    return ours, theirs


def leaves(shapes, namespace):
    rng = np.random.default_rng(1)
    return [namespace.from_numpy(rng.normal(size=shape)).requires_grad_() for shape in shapes]


def tensors(result):
    """The tensors of a result, which may be nested."""
    if isinstance(result, tuple):
        return [x for part in result for x in tensors(part)]
    return [] if result is None else [result]


def close(ours, theirs):
    theirs = theirs.detach().numpy()
    np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=1e-12, atol=1e-12 * max(1.0, np.abs(theirs).max()))


@pytest.mark.parametrize(
    "text,shapes", [pytest.param(text, shapes, id=f"{i}-{text}") for i, (text, *shapes) in enumerate(LAYERS)]
)
def test_layer_is_that_of_torch(text, shapes):
    ours, theirs = both(text)
    xs, ys = leaves(shapes, refgrad), leaves(shapes, torch)
    results = tensors(ours(*[1 * x for x in xs])), tensors(theirs(*[1 * y for y in ys]))
    assert len(results[0]) == len(results[1])
    for a, b in zip(*results, strict=True):
        close(a, b)
    for parts in results:
        sum((p * p).sum() + p.sum() for p in parts).backward()
    for x, y in zip(xs, ys, strict=True):
        close(x.grad, y.grad)
    for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert (p.grad is None) == (q.grad is None), name
        if p.grad is not None:
            close(p.grad, q.grad)
    for b, c in zip(ours.buffers(), theirs.buffers(), strict=True):
        close(b, c)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())


def test_hard_sigmoid_is_that_of_torch_up_to_its_rounded_sixth():
    ours, theirs = both("Hardsigmoid()")
    (x,), (y,) = leaves([TABLE], refgrad), leaves([TABLE], torch)
    ours(x).sum().backward()
    theirs(y).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 1 / 6, rtol=1e-15)
    np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), rtol=1e-7)  # PyTorch multiplies by a sixth in float32
