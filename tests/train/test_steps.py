"""A step: precision, shapes that do not belong together, frozen and compiled parts, notes."""

import warnings

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import lr_scheduler

from helpers import train

X = torch.randn(20, 8, generator=torch.Generator().manual_seed(0))
Y = torch.arange(20) % 3


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 3))


def fit(model: nn.Module, loader: object = None, loss=None, **options: object) -> train.History:
    learnt = [each for each in model.parameters() if each.requires_grad]
    optimizer = options.pop("optimizer", None) or torch.optim.SGD(learnt, lr=0.1)
    loss = nn.CrossEntropyLoss() if loss is None else loss
    options = {"epochs": 1, "progress": False, **options}
    return train.fit(model, [(X, Y)] * 3 if loader is None else loader, loss, optimizer, **options)


def notes(error: BaseException) -> str:
    return " ".join(getattr(error, "__notes__", ()))


class Steep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.layer(inputs) * 300


@pytest.mark.parametrize("when", ["step", "epoch"])
def test_a_step_that_float16_skips_is_none_for_the_scheduler(when: str) -> None:
    torch.manual_seed(0)
    model = Steep()
    before = model.layer.weight.detach().clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    scheduler = lr_scheduler.StepLR(optimizer, 1, 0.5)
    options = {"optimizer": optimizer, "scheduler": scheduler, "scheduler_step": when}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = fit(model, [(X * 3, Y)], epochs=3, amp=torch.float16, **options)
    assert history.skipped == [1, 2, 3]
    assert torch.equal(before, model.layer.weight)
    assert scheduler.last_epoch == 0 and history.steps["learning rate"] == [1e-3] * 3
    said = [str(each.message) for each in caught if each.category is UserWarning]
    assert [words[:35] for words in said] == [
        f"no step of epoch {epoch} changed the weight" for epoch in (1, 2, 3)
    ] or all(words.startswith("no step of epoch") for words in said)
    assert len(said) == 3 and "3 steps (3 skipped)" in repr(history)


def test_the_scheduler_goes_on_with_the_steps_that_are_made() -> None:
    """The first steps are skipped until the scale is small enough."""
    torch.manual_seed(0)
    model = Steep()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
    scheduler = lr_scheduler.LambdaLR(optimizer, lambda step: 1 + step)
    options = {"optimizer": optimizer, "scheduler": scheduler, "scheduler_step": "step"}
    history = fit(model, [(X * 3, Y)] * 20, amp=torch.float16, clip_norm=1.0, **options)
    skipped = len(history.skipped)
    assert 0 < skipped < 20
    assert history.skipped == list(range(1, skipped + 1))
    assert scheduler.last_epoch == 20 - skipped


def test_float16_parameters_are_refused() -> None:
    with pytest.raises(ValueError, match="keeps the parameters in float32"):
        fit(nn.Linear(8, 3).half(), amp=torch.float16)


SHAPES = [((20, 1), (20,)), ((20,), (20, 1))]


@pytest.mark.parametrize(("scores", "targets"), SHAPES)
@pytest.mark.parametrize(
    "loss",
    [
        lambda scores, targets: ((scores - targets) ** 2).mean(),
        lambda scores, targets: torch.sub(targets, scores).abs().mean(),
        nn.MSELoss(),
        nn.L1Loss(),
        functional.smooth_l1_loss,
        nn.HuberLoss(),
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_a_loss_that_broadcasts_is_refused_with_both_shapes(loss, scores, targets) -> None:
    model = nn.Sequential(nn.Linear(8, 1), nn.Flatten(0) if len(scores) == 1 else nn.Identity())
    before = [each.clone() for each in model.parameters()]
    loader = [(X[:1], torch.zeros(1, *targets[1:])), (X, torch.zeros(targets))]
    words = rf"scores \({', '.join(map(str, scores))},?\) with targets \(20.*broadcasts"
    with pytest.raises(ValueError, match=words):
        fit(model, loader[1:], loss, metrics={})
    assert all(map(torch.equal, before, model.parameters()))
    with pytest.raises(ValueError, match="broadcasts"):  # one sample alone may show nothing
        train.evaluate(model, loader, loss, {})


@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (lambda scores, targets: functional.mse_loss(scores.squeeze(1), targets), torch.zeros(20)),
        (lambda scores, targets: functional.mse_loss(scores[:, 0], targets), torch.zeros(20)),
        (lambda scores, targets: ((scores - targets[:, None]) ** 2).mean(), torch.zeros(20)),
        (nn.MSELoss(), torch.zeros(20, 1)),
    ],
)
def test_a_loss_that_mends_the_shape_itself_is_not(loss, targets) -> None:
    assert len(fit(nn.Linear(8, 1), [(X, targets)], loss, metrics={})) == 1


def test_as_many_classes_as_samples_are_no_broadcast() -> None:
    assert len(fit(nn.Linear(8, 3), [(X[:3], Y[:3])])) == 1


@pytest.mark.parametrize("root_trains", [True, False])
def test_a_batch_norm_that_is_frozen_stays_so(root_trains: bool) -> None:
    model = network().train(root_trains)
    model[1].eval().requires_grad_(False)
    before = model[1].running_mean.clone()
    during = []
    model[2].register_forward_pre_hook(lambda module, _: during.append(module.training))
    modes = [module.training for module in model.modules()]
    fit(model, validation=[(X, Y)])
    assert torch.equal(before, model[1].running_mean)
    assert during == [True] * 3 + [False]
    assert [module.training for module in model.modules()] == modes


def test_a_dropout_that_is_switched_off_stays_so() -> None:
    model = network().train()
    model[2].eval()
    assert fit(model).epochs == fit(network_without_dropout()).epochs


def network_without_dropout() -> nn.Module:
    model = network()
    model[2].p = 0.0
    return model


def test_a_compiled_model_trains_and_gets_its_mode_back() -> None:
    plain = network()
    compiled = torch.compile(network(), backend="eager")
    compiled.eval()
    plain.eval()
    torch.manual_seed(1)
    expected = fit(plain, validation=[(X, Y)])
    torch.manual_seed(1)
    found = fit(compiled, validation=[(X, Y)])
    assert found.epochs == expected.epochs
    assert not any(module.training for module in compiled.modules())


@pytest.mark.parametrize(
    ("inputs", "targets", "words"),
    [
        ((X * 9).to(torch.uint8), Y, "torch.uint8 (20, 8) .*inputs.to(torch.float32) / 255"),
        (X.double(), Y, "torch.float64 (20, 8) .*inputs.to(torch.float32)"),
        (X.long(), Y, "torch.int64 (20, 8)"),
        (X.view(20, 2, 4), Y, "(20, 2, 4) .*inputs (batch, 8): give inputs.flatten(1)"),
        (X, Y.int(), "targets: torch.int32 (20,) .*int64 (batch,)"),
        (X, Y.float(), "targets: torch.float32 (20,) .*class numbers 0 to 2, int64"),
        (X, Y + 1, "class numbers 0 to 2, int64 .*targets are 1 to 3"),
        (X, Y - 1, "targets are -1 to 1"),
        (X.to("meta"), Y, "'meta'"),
        (X, Y.to("meta"), "'meta'"),
    ],
)
def test_a_batch_of_a_wrong_kind_is_said_in_a_sentence(inputs, targets, words: str) -> None:
    """PyTorch's own words stay; what it got, and what was expected, is added."""
    import re

    pattern = ".*".join(map(re.escape, words.split(" .*")))
    for call in (
        lambda: fit(nn.Linear(8, 3), [(inputs, targets)]),
        lambda: train.evaluate(nn.Linear(8, 3), [(inputs, targets)], nn.CrossEntropyLoss()),
    ):
        with pytest.raises((RuntimeError, IndexError, ValueError)) as caught:
            call()
        said = f"{caught.value} {notes(caught.value)}"
        assert re.search(pattern, said), said
        assert "inputs: torch." in said and "targets: torch." in said


def test_images_without_a_channel_are_said() -> None:
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten(), nn.LazyLinear(3))
    model(torch.zeros(1, 1, 8, 8))
    with pytest.raises(RuntimeError) as caught:
        fit(model, [(torch.zeros(20, 8, 8), Y)])
    assert "inputs (batch, 1, height, width): give inputs.unsqueeze(1)" in notes(caught.value)
