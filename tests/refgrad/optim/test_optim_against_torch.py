"""Training small networks: after three steps every parameter is PyTorch's, to 1e-12 relative in float64."""

import numpy as np
import pytest

import refgrad
import refgrad.nn
import refgrad.nn.functional
import refgrad.nn.utils
import refgrad.optim

torch = pytest.importorskip("torch")

OPTIMIZERS = [
    "SGD(params, lr=0.1)",
    "SGD(params, lr=0.1, momentum=0.9)",
    "SGD(params, lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.05)",
    "SGD(params, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.05)",
    "SGD(params, lr=0.01, maximize=True)",
    "Adam(params, lr=0.05)",
    "Adam(params, lr=0.05, weight_decay=0.1, amsgrad=True, betas=(0.8, 0.9), eps=1e-3)",
    "Adam(params, lr=0.05, maximize=True, decoupled_weight_decay=True, weight_decay=0.1)",
    "AdamW(params, lr=0.05)",
    "AdamW(params, lr=0.05, amsgrad=True, weight_decay=0.3)",
]
NETWORKS = {
    "dense": ("nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))", (6, 4)),
    "convolution": (
        # no bias before the normalisation: its gradient is zero but for rounding, which Adam would blow up
        "nn.Sequential(nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))",
        (6, 2, 6, 6),
    ),
}


def train(namespace, nn, optim, network, optimizer, steps=3, between=lambda *_: None):
    text, shape = NETWORKS[network]
    model = eval(text, {"nn": nn}).double()  # noqa: S307 - the texts are above
    rng = np.random.default_rng(0)
    for p in model.parameters():
        p.data = namespace.from_numpy(rng.normal(size=tuple(p.shape)) / 2)
    x, y = namespace.from_numpy(rng.normal(size=shape)), namespace.from_numpy(rng.integers(0, 3, 6))
    stepper = eval(f"optim.{optimizer}", {"optim": optim, "params": model.parameters()})  # noqa: S307 - the texts are above
    for _ in range(steps):
        stepper.zero_grad()
        nn.functional.cross_entropy(model(x), y).backward()
        between(nn, model)
        stepper.step()
    return model, stepper


def pair(network, optimizer, **options):
    ours = train(refgrad, refgrad.nn, refgrad.optim, network, optimizer, **options)
    return ours, train(torch, torch.nn, torch.optim, network, optimizer, **options)


def assert_same(ours, theirs):
    for (name, p), q in zip(ours.state_dict().items(), theirs.state_dict().values(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-12, atol=1e-14, err_msg=name)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_three_steps_are_those_of_torch(network, optimizer):
    (ours, _), (theirs, _) = pair(network, optimizer)
    assert_same(ours, theirs)


@pytest.mark.parametrize(
    "clip",
    [
        lambda nn, model: nn.utils.clip_grad_norm_(model.parameters(), 0.1),
        lambda nn, model: nn.utils.clip_grad_norm_(model.parameters(), 0.1, norm_type=1),
        lambda nn, model: nn.utils.clip_grad_norm_(model.parameters(), 0.01, norm_type=float("inf")),
        lambda nn, model: nn.utils.clip_grad_value_(model.parameters(), 0.01),
    ],
    ids=["norm", "norm-1", "norm-inf", "value"],
)
def test_clipped_steps_are_those_of_torch(clip):
    (ours, _), (theirs, _) = pair("dense", "SGD(params, lr=0.5)", between=clip)
    assert_same(ours, theirs)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_state_has_torchs_keys_values_and_text(optimizer):
    (_, ours), (_, theirs) = pair("dense", optimizer)
    ours_dict, theirs_dict = ours.state_dict(), theirs.state_dict()
    assert ours_dict["param_groups"] == theirs_dict["param_groups"]
    assert repr(ours) == repr(theirs)
    for number, entry in theirs_dict["state"].items():
        assert list(ours_dict["state"][number]) == list(entry)
        for key, value in entry.items():
            np.testing.assert_allclose(ours_dict["state"][number][key].numpy(), value.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_loaded_state_continues_where_it_was_saved(optimizer):
    whole, _ = train(refgrad, refgrad.nn, refgrad.optim, "dense", optimizer, steps=4)
    model, stepper = train(refgrad, refgrad.nn, refgrad.optim, "dense", optimizer, steps=3)
    fresh = eval(f"optim.{optimizer}", {"optim": refgrad.optim, "params": model.parameters()})  # noqa: S307 - as above
    fresh.load_state_dict(stepper.state_dict())
    rng = np.random.default_rng(0)
    for p in model.parameters():
        rng.normal(size=tuple(p.shape))
    x, y = refgrad.from_numpy(rng.normal(size=(6, 4))), refgrad.from_numpy(rng.integers(0, 3, 6))
    fresh.zero_grad()
    refgrad.nn.functional.cross_entropy(model(x), y).backward()
    fresh.step()
    for p, q in zip(model.parameters(), whole.parameters(), strict=True):
        assert refgrad.equal(p, q)


def test_groups_have_options_of_their_own():
    a, b = (refgrad.nn.Parameter(refgrad.ones(1)) for _ in range(2))
    stepper = refgrad.optim.SGD([{"params": [a], "lr": 1.0}, {"params": b}], lr=0.5)
    (a + b).sum().backward()
    stepper.step()
    assert (a.item(), b.item()) == (0.0, 0.5)


def test_the_closure_is_called_with_recording_on_and_its_loss_comes_back():
    w = refgrad.nn.Parameter(refgrad.ones(1))
    stepper = refgrad.optim.SGD([w], lr=0.5)

    def closure():
        stepper.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with refgrad.no_grad():
        assert stepper.step(closure).item() == 1.0
    assert w.item() == 0.0


def test_step_hooks_run_around_the_step():
    w, log = refgrad.nn.Parameter(refgrad.ones(1)), []
    stepper = refgrad.optim.SGD([w], lr=1.0)
    stepper.register_step_pre_hook(lambda *_: log.append(w.item()))
    stepper.register_step_post_hook(lambda *_: log.append(w.item())).remove()
    stepper.register_step_post_hook(lambda *_: log.append(w.item()))
    w.grad = refgrad.ones(1)
    stepper.step()
    assert log == [1.0, 0.0]


MISTAKES = {
    "empty": "SGD([], 0.1)",
    "a-tensor": "SGD(torch.ones(2), 0.1)",
    "no-tensor": "SGD([3], 0.1)",
    "negative-rate": "SGD([w], lr=-1.0)",
    "negative-momentum": "SGD([w], 0.1, momentum=-1.0)",
    "negative-decay": "SGD([w], 0.1, weight_decay=-1.0)",
    "nesterov-alone": "SGD([w], 0.1, nesterov=True)",
    "negative-eps": "Adam([w], eps=-1.0)",
    "first-beta": "Adam([w], betas=(1.0, 0.9))",
    "second-beta": "AdamW([w], betas=(0.9, 1.0))",
    "non-leaf": "SGD([w * 1], 0.1)",
    "two-groups": "SGD([{'params': [w]}, {'params': [w]}], 0.1)",
    "number-of-groups": "SGD([w], 0.1).load_state_dict({'state': {}, 'param_groups': []})",
    "size-of-group": "SGD([w], 0.1).load_state_dict({'state': {}, 'param_groups': [{'params': [0, 1]}]})",
    "group-of-wrong-type": "SGD([w], 0.1).add_param_group(3)",
    "a-set": "SGD([{'params': {w}}], 0.1)",
}


@pytest.mark.parametrize("text", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_raise_torchs_error(text):
    raised = []
    for namespace, optim in ((refgrad, refgrad.optim), (torch, torch.optim)):
        with pytest.raises((TypeError, ValueError)) as info:
            eval(f"optim.{text}", {"optim": optim, "torch": namespace, "w": namespace.ones(1, requires_grad=True)})  # noqa: S307
        raised.append((type(info.value), str(info.value)))
    assert raised[0] == raised[1]
