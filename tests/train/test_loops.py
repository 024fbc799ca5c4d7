"""fit against loops written out by hand: the same weights, the same numbers."""

import copy
import math
import weakref

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader, IterableDataset

from helpers import data, train
from helpers.train._recording import Measurements
from helpers.train._steps import LossWeights

SIZES = (16, 16, 7)


def batches(seed: int = 0, sizes: tuple[int, ...] = SIZES) -> list[tuple[Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(seed)
    return [
        (torch.randn(size, 5, generator=generator), torch.randint(3, (size,), generator=generator))
        for size in sizes
    ]


def network(*extra: nn.Module) -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(5, 8), nn.Tanh(), *extra, nn.Linear(8, 3))


def sgd(model: nn.Module, lr: float = 0.1) -> torch.optim.SGD:
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)


def fit(model: nn.Module, loader: object = None, **options: object) -> train.History:
    optimizer = options.pop("optimizer", None) or sgd(model)
    options = {"epochs": 2, "progress": False, **options}
    loader = batches() if loader is None else loader
    return train.fit(model, loader, functional.cross_entropy, optimizer, **options)


def weights(model: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_the_weights_are_those_of_the_loop_by_hand() -> None:
    ours, by_hand = network(), network()
    optimizer = sgd(by_hand)
    for _ in range(3):
        for inputs, targets in batches():
            loss = functional.cross_entropy(by_hand(inputs), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    fit(ours, epochs=3)
    assert torch.equal(weights(ours), weights(by_hand))


def test_gradients_left_from_before_do_not_count() -> None:
    clean, stained = network(), network()
    for parameter in stained.parameters():
        parameter.grad = torch.full_like(parameter, 5.0)
    fit(clean)
    fit(stained)
    assert torch.equal(weights(clean), weights(stained))


def test_means_are_over_samples_not_over_batches() -> None:
    model = network()
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    history = fit(model, optimizer=still, validation=batches(5), epochs=1)
    for part, seed in (("train", 0), ("validation", 5)):
        inputs, targets = (torch.cat(parts) for parts in zip(*batches(seed)))
        scores = model(inputs)
        loss = functional.cross_entropy(scores, targets).item()
        share = (scores.argmax(1) == targets).double().mean().item()
        assert history[f"{part} loss"][0] == pytest.approx(loss, rel=1e-5)
        assert history[f"{part} accuracy"][0] == pytest.approx(share, abs=1e-6)


def test_rows_and_steps_have_the_promised_names_and_plain_numbers() -> None:
    history = fit(network(), validation=batches(5))
    expected = ["epoch", "train loss", "train accuracy", "validation loss", "validation accuracy"]
    assert [list(row) for row in history.epochs] == [[*expected, "learning rate"]] * 2
    assert history["epoch"] == [1, 2]
    assert all(type(value) in (int, float) for row in history.epochs for value in row.values())
    assert {name: len(values) for name, values in history.steps.items()} == {
        "loss": 6,
        "learning rate": 6,
    }


def test_many_steps_are_recorded_in_order_across_collections() -> None:
    model = network()
    loader = batches(sizes=(4,) * 75 + (3,))
    still = torch.optim.SGD(model.parameters(), lr=0.0)
    history = fit(model, loader, optimizer=still, epochs=1)
    expected = [functional.cross_entropy(model(x), y).item() for x, y in loader]
    assert history.steps["loss"] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("sizes", [(16, 16, 16, 16), (16, 16, 7), (16, 3, 16, 16, 5)])
def test_accumulated_batches_are_one_large_batch(sizes: tuple[int, ...]) -> None:
    ours, by_hand = (network().double() for _ in range(2))
    loader = [(inputs.double(), targets) for inputs, targets in batches(sizes=sizes)]
    pairs = [loader[start : start + 2] for start in range(0, len(loader), 2)]
    large = [tuple(torch.cat(parts) for parts in zip(*pair)) for pair in pairs]
    accumulated = fit(ours, loader, accumulate=2, clip_norm=0.5)
    at_once = fit(by_hand, large, clip_norm=0.5)
    assert torch.allclose(weights(ours), weights(by_hand), rtol=1e-12, atol=1e-14)
    assert accumulated.steps["loss"] == pytest.approx(at_once.steps["loss"], rel=1e-6)
    assert accumulated["train loss"] == pytest.approx(at_once["train loss"], rel=1e-6)


def test_clipping_limits_the_norm_of_the_step() -> None:
    model = network()
    before = weights(model)
    plain = torch.optim.SGD(model.parameters(), lr=1.0)
    fit(model, batches(sizes=(16,)), optimizer=plain, epochs=1, clip_norm=0.01)
    assert (weights(model) - before).norm().item() == pytest.approx(0.01, rel=1e-3)


def test_the_rate_is_recorded_for_the_step_it_was_used_in() -> None:
    for when, expected in (
        ("epoch", [0.1] * 3 + [0.01] * 3),
        ("step", [0.1 * 0.1**step for step in range(6)]),
    ):
        model = network()
        optimizer = sgd(model)
        scheduler = lr_scheduler.ExponentialLR(optimizer, gamma=0.1)
        history = fit(model, optimizer=optimizer, scheduler=scheduler, scheduler_step=when)
        assert history.steps["learning rate"] == pytest.approx(expected)
        assert history["learning rate"] == pytest.approx([expected[2], expected[5]])


def test_a_plateau_scheduler_sees_the_validation_loss() -> None:
    model = network()
    still = torch.optim.SGD(model.parameters(), lr=1e-12)
    scheduler = lr_scheduler.ReduceLROnPlateau(still, patience=0, factor=0.5, eps=0)
    history = fit(model, optimizer=still, scheduler=scheduler, validation=batches(5), epochs=3)
    assert scheduler.best == pytest.approx(history["validation loss"][0])
    assert history["learning rate"] == pytest.approx([1e-12, 1e-12, 5e-13])


def test_no_warning_about_the_order_of_optimiser_and_scheduler(recwarn) -> None:
    model = network()
    optimizer = sgd(model)
    scheduler = lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=6)
    fit(model, optimizer=optimizer, scheduler=scheduler, scheduler_step="step")
    # The garbage collector may warn at any time, of what earlier tests left open.
    told = [each for each in recwarn if each.category is not ResourceWarning]
    assert [str(warning.message) for warning in told] == []


def test_bfloat16_computes_in_16_bits_and_learns_as_well() -> None:
    seen = []
    model = network()
    model[0].register_forward_hook(lambda _, __, output: seen.append(output.dtype))
    history = fit(model, amp=torch.bfloat16, validation=batches(5), epochs=20)
    exact = fit(network(), validation=batches(5), epochs=20)
    assert set(seen) == {torch.bfloat16}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert history["train loss"][-1] == pytest.approx(exact["train loss"][-1], abs=0.1)
    assert history["train loss"][-1] != exact["train loss"][-1]


def test_float16_scales_the_loss_and_clips_what_was_unscaled() -> None:
    model = network()
    before = weights(model)
    plain = torch.optim.SGD(model.parameters(), lr=1.0)
    history = fit(
        model,
        batches(sizes=(16,)),
        optimizer=plain,
        epochs=1,
        amp=torch.float16,
        clip_norm=0.01,
    )
    assert (weights(model) - before).norm().item() == pytest.approx(0.01, rel=1e-2)
    assert 0 < history["train loss"][0] < 5


def test_batches_go_to_the_device_of_the_model() -> None:
    from helpers.train._batches import device_of, move

    model = network().to("meta")
    packed = nn.utils.rnn.pack_sequence([torch.zeros(3), torch.zeros(2)])
    moved = move(({"a": torch.zeros(2)}, [torch.zeros(1)], packed, "text"), device_of(model))
    assert moved[0]["a"].is_meta and moved[1][0].is_meta and moved[2].data.is_meta
    assert moved[3] == "text" and isinstance(moved, tuple)
    assert model(move(batches()[0][0], device_of(model))).shape == (16, 3)


def test_inputs_may_be_several_tensors() -> None:
    class Sum(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(5, 3)

        def forward(self, inputs: dict[str, Tensor]) -> Tensor:
            return self.linear(inputs["left"] + inputs["right"])

    loader = [({"left": inputs, "right": inputs}, targets) for inputs, targets in batches()]
    history = fit(Sum(), loader)
    assert history["train loss"][1] < history["train loss"][0]


def test_metrics_may_be_floats_and_may_be_none_at_all() -> None:
    model = network()
    history = fit(model, metrics={"half": lambda scores, targets: 0.5}, epochs=1)
    assert history["train half"] == [0.5]
    assert list(fit(model, metrics={}, epochs=1).epochs[0]) == [
        "epoch",
        "train loss",
        "learning rate",
    ]


def test_nothing_keeps_the_graph_of_a_step() -> None:
    graphs = []

    def watch(scores: Tensor, targets: Tensor) -> Tensor:
        graphs.append(scores.grad_fn)
        return scores.sum()

    fit(network(), metrics={"sum": watch})
    assert graphs == [None] * 6


def test_no_step_keeps_the_loss_of_the_one_before_the_last() -> None:
    losses: list[weakref.ref[Tensor]] = []

    def loss_function(scores: Tensor, targets: Tensor) -> Tensor:
        assert [each() for each in losses[:-1]] == [None] * len(losses[:-1])
        loss = functional.cross_entropy(scores, targets)
        losses.append(weakref.ref(loss))
        return loss

    model = network()
    train.fit(model, batches() * 3, loss_function, sgd(model), epochs=1, progress=False)
    assert len(losses) == 9


def test_each_module_gets_its_own_mode_back() -> None:
    model = network(nn.Dropout(0.5), nn.BatchNorm1d(8))
    model.eval()
    model[2].train()
    during: list[bool] = []
    model[3].register_forward_hook(lambda module, _, __: during.append(module.training))
    before = [module.training for module in model.modules()]
    fit(model, validation=batches(5), epochs=1)
    assert during == [True] * 3 + [False] * 3
    assert [module.training for module in model.modules()] == before
    train.evaluate(model, batches(), functional.cross_entropy)
    assert [module.training for module in model.modules()] == before


def test_evaluate_changes_nothing_and_builds_no_graph() -> None:
    model = network(nn.BatchNorm1d(8))
    before = copy.deepcopy(model.state_dict())
    graphs: list[object] = []
    model.register_forward_hook(lambda _, __, scores: graphs.append(scores.grad_fn))
    results = train.evaluate(model, batches(), functional.cross_entropy)
    assert graphs == [None] * 3
    assert list(results) == ["loss", "accuracy"]
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_evaluate_takes_a_model_without_parameters_and_many_batches() -> None:
    results = train.evaluate(
        nn.Identity(), [(torch.eye(3), torch.arange(3))] * 100, functional.cross_entropy
    )
    assert results["accuracy"] == 1
    assert results["loss"] == pytest.approx(math.log(math.e + 2) - 1, rel=1e-6)


def test_the_global_random_state_is_not_touched() -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    model = network()
    torch.manual_seed(3)
    fit(model, validation=batches(5))
    assert torch.equal(torch.rand(1), expected)


def test_accuracy_counts_classes_pixels_and_probabilities() -> None:
    scores = torch.tensor([[3.0, 1.0], [0.0, 2.0], [1.0, 5.0], [4.0, 2.0]])
    targets = torch.tensor([0, 1, 0, 0])
    assert train.accuracy(scores, targets).item() == 0.75
    assert train.accuracy(scores, functional.one_hot(targets).float()).item() == 0.75
    assert train.accuracy(scores.T[None], torch.tensor([[0, 1, 0, 0]])).item() == 0.75
    assert train.accuracy(scores, targets).dtype is torch.float32


@pytest.mark.parametrize(
    ("scores", "targets"),
    [
        *[((4, 1), (4, 1)), ((4,), (4,)), ((4, 1), (4,)), ((4, 3), (4, 1))],
        *[((3, 2), (4,)), ((3, 2), (1,)), ((1, 2), (3,)), ((3, 2, 5), (3, 1)), ((), ())],
    ],
)
def test_accuracy_refuses_what_does_not_belong_together(scores: tuple, targets: tuple) -> None:
    for metric in (train.accuracy, train.correct):
        with pytest.raises(ValueError, match="expects scores"):
            metric(torch.zeros(scores), torch.zeros(targets))


def test_the_digits_are_learnt_from_a_tensor_loader() -> None:
    digits = data.digits()
    images = digits.images.flatten(1) / 16
    loader = data.TensorLoader(images[:1500], digits.labels[:1500], batch_size=64, shuffle=True)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    held_out = [(images[1500:], digits.labels[1500:])]
    history = fit(model, loader, validation=held_out, epochs=15)
    assert history["train accuracy"][-1] > 0.97
    assert history["validation accuracy"][-1] > 0.9


def test_a_metric_may_count_samples_instead_of_giving_a_mean() -> None:
    """The last batch is smaller, so that a mean of means would differ."""
    scores = torch.eye(3)[[0, 1, 2, 0, 1]]
    targets = torch.tensor([0, 1, 2, 0, 2])
    batches = [(scores[:4], targets[:4]), (scores[4:], targets[4:])]
    metrics = {"share": train.accuracy, "hits": train.correct}
    results = train.evaluate(nn.Identity(), batches, functional.cross_entropy, metrics)
    assert train.correct(scores, targets).item() == 4
    assert results["hits"] == pytest.approx(0.8, abs=1e-7)
    assert results["share"] == pytest.approx(0.8, abs=1e-7)


def test_correct_gives_a_share_where_a_sample_has_several_targets() -> None:
    scores = torch.eye(2)[None].expand(3, 2, 2)
    targets = torch.tensor([[0, 1], [0, 0], [1, 0]])
    assert train.correct(scores, targets).item() == pytest.approx(0.5)


@pytest.mark.parametrize("kind", [int, np.int64, np.asarray, np.float64])
def test_a_metric_may_give_numbers_of_python_and_numpy(kind) -> None:
    """Whole ones are counts, others are means."""
    hits = [2, 1] if kind in (int, np.int64) else [2 / 3, 1.0]
    given = iter(map(kind, hits))
    batches = [(torch.eye(3), torch.tensor([0, 1, 0])), (torch.eye(3)[:1], torch.tensor([0]))]
    metrics = {"hits": lambda scores, targets: next(given)}
    results = train.evaluate(nn.Identity(), batches, functional.cross_entropy, metrics)
    assert results["hits"] == 0.75


def test_a_loader_over_a_stream_has_no_length() -> None:
    class Stream(IterableDataset):
        def __iter__(self):
            return iter(batches())

    history = fit(network(), DataLoader(Stream(), batch_size=None))
    assert history.epochs == fit(network()).epochs


def test_complex_parameters_can_be_saved(tmp_path) -> None:
    class Turning(nn.Linear):
        def __init__(self) -> None:
            super().__init__(5, 3)
            self.turn = nn.Parameter(torch.ones(3, dtype=torch.complex64))

        def forward(self, inputs: Tensor) -> Tensor:
            return (super().forward(inputs) * self.turn).real

    assert len(fit(Turning(), checkpoint=tmp_path / "run.pt")) == 2


def test_means_do_not_depend_on_when_they_were_collected() -> None:
    """To the last bit: numbers are added one after the other, not group by group."""
    generator = torch.Generator().manual_seed(0)
    losses = torch.rand(90, dtype=torch.float64, generator=generator).unbind()

    def mean(every: int) -> float:
        measurements = Measurements({}, LossWeights(functional.mse_loss))
        for place, loss in enumerate(losses, 1):
            measurements.add(loss, None, None, size=7)
            if place % every == 0:
                measurements.collect()
        measurements.collect()
        return measurements.means("loader")["loss"]

    assert len({mean(every) for every in (1, 7, 32, 90)}) == 1
