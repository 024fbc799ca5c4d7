"""How fast `helpers.train.fit` trains, against a loop by hand and four libraries.

    python -m benchmarks.training [--rounds 15]
    python -m benchmarks.training --smoke    seconds: whether it runs, and no figures to rely on

One thread. Every contender trains the same model from the same weights, by the same
number of steps of the same SGD. In each round, each trains right before or right after
`fit` does, in turns, because a shared machine may be half as fast a minute later. One round
before them, not timed, checks that everybody really trains: the steps are counted, the
accuracy is measured, and the weights at the end must be those of the loop by hand that
sees the same batches, bit for bit. Making models, loaders and trainers is not timed; what
happens inside the library's own `fit` is.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import math
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from benchmarks import _loops, _peers
from benchmarks._loops import BATCH_SIZE, Task, Trained
from helpers import data

ROUNDS = 15
LEAST_ACCURACY = 0.95


@dataclass(frozen=True)
class Contender:
    """One way to train.

    `like`: name of the contender whose weights it must end with; `target`: how many times
    as fast as this one `fit` shall be; `package`: what must be installed; `often`: so many times
    in each round, since a small difference drowns in the noise of a few.
    """

    name: str
    prepare: Callable[[Task], Callable[[], Trained]]
    records: str
    like: str
    target: float | None = None
    package: str = "torch"
    often: int = 1


BARE, FIT, SAMPLES = "loop by hand, TensorLoader", "helpers.train.fit, TensorLoader", "DataLoader"
FULL = "loss a step; loss, accuracy an epoch"
PLAIN = f"loop by hand, {SAMPLES}(TensorDataset)"
CONTENDERS = [
    Contender(BARE, _loops.bare, FULL, BARE, 0.97, often=5),
    Contender(FIT, _loops.fit, FULL, BARE, often=5),
    Contender(f"loop by hand, {SAMPLES}(TensorRows)", _loops.over_tensor_rows, FULL, PLAIN),
    Contender(PLAIN, _loops.over_tensor_dataset, FULL, PLAIN, 1.6),
    Contender("skorch", _peers.with_skorch, "loss a step, an epoch", PLAIN, 2.0, "skorch"),
    Contender("accelerate", _peers.with_accelerate, FULL, PLAIN, 2.0, "accelerate"),
    Contender("Lightning", _peers.with_lightning, "nothing", PLAIN, 2.5, "lightning"),
    Contender(
        "Lightning, barebones",
        partial(_peers.with_lightning, barebones=True),
        "nothing",
        PLAIN,
        None,
        "lightning",
    ),
    Contender(
        "Lightning, self.log_dict",
        partial(_peers.with_lightning, logged=True),
        "loss, accuracy an epoch",
        PLAIN,
        None,
        "lightning",
    ),
    Contender("fastai", _peers.with_fastai, "smoothed loss a step", PLAIN, None, "fastai"),
]

# Seen with cProfile on the perceptron, with the versions pinned in requirements/bench.txt.
LIMITS = {
    BARE: "forward pass, backward pass and step of PyTorch itself: some µs for each small tensor",
    FIT: "the same; above it, checks of each batch, a metric as a function, losses kept as numbers",
    f"{SAMPLES}(TensorRows)": "making the list of indices, then one index_select a batch",
    f"{SAMPLES}(TensorDataset)": "half the time: 64 samples indexed one by one, and stacked again",
    "skorch": "that loader, a third; then a closure for the step, .item() and callbacks each step",
    "accelerate": "that loader, a third; a fifth: each backward() searches the disk for an optional"
    " package, twice",
    "Lightning": "that loader, a quarter; then hooks, ten a step, through strategy, precision and"
    " closures",
    "fastai": "that loader, a quarter; eight events a step, each told to every callback; each step"
    " asks for a GPU",
}


def tasks() -> list[Task]:
    """Return the two models: a perceptron on flat digits, and a small CNN."""
    digits = data.digits()
    images = digits.images.float() / 16
    return [
        Task("MLP 64-64-10", images.flatten(1), digits.labels, perceptron, 20, has_targets=True),
        Task("CNN 8-16-10", images.unsqueeze(1), digits.labels, convolutional, 6),
    ]


def perceptron() -> nn.Module:
    """Return a model of (batch, 64) with 64 hidden units."""
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def convolutional() -> nn.Module:
    """Return a model of (batch, 1, 8, 8) with two convolutions."""
    return nn.Sequential(
        nn.Conv2d(1, 8, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def installed(contender: Contender) -> bool:
    """Whether the contender's package is there."""
    return importlib.util.find_spec(contender.package) is not None


def seconds(run: Callable[[], object]) -> tuple[float, float]:
    """Return the processor time and the wall-clock time that a run takes."""
    gc.collect()
    clock, processor = time.perf_counter(), time.process_time()
    run()
    return time.process_time() - processor, time.perf_counter() - clock


def check(task: Task, contenders: list[Contender]) -> None:
    """Train once with each contender; SystemExit when one did not do the same work."""
    weights: dict[str, torch.Tensor] = {}
    losses: dict[str, list[float]] = {}
    for contender in contenders:
        model, losses[contender.name], steps = counted(contender.prepare(task))
        weights[contender.name] = nn.utils.parameters_to_vector(model.parameters()).detach()
        accuracy = train_accuracy(model, task)
        require(contender, steps == task.steps, f"{steps} steps, not {task.steps}")
        require(contender, accuracy >= LEAST_ACCURACY, f"its accuracy is {accuracy:.3f}")
    for contender in contenders:
        name, like = contender.name, contender.like
        same = torch.equal(weights[name], weights[like])
        require(contender, same, f"its weights are not those of {like}")
        pairs = zip(losses[name], losses[like])
        close = all(math.isclose(one, other, rel_tol=1e-4) for one, other in pairs)
        require(contender, close, f"its losses are not those of {like}")


def counted(run: Callable[[], Trained]) -> tuple[nn.Module, list[float], int]:
    """Return the model, the losses of the epochs, and the steps that optimisers made."""
    steps: list[object] = []
    counter = register_optimizer_step_post_hook(lambda *found: steps.append(found[0]))
    try:
        return *run(), len(steps)
    finally:
        counter.remove()


def train_accuracy(model: nn.Module, task: Task) -> float:
    """Return the share of the training images that a model gets right."""
    with torch.inference_mode():
        hits = model.eval()(task.images).argmax(1) == task.labels
    return hits.float().mean().item()


def require(contender: Contender, true: bool, found: str) -> None:
    """Stop the benchmark when a contender did not train as the others do."""
    if not true:
        raise SystemExit(f"{contender.name} cannot be compared: {found}.")


@dataclass(frozen=True)
class Pair:
    """Processor seconds of a contender and of `fit` beside it, and the wall clock for both."""

    contender: float
    fit: float
    wall: float


def measure(task: Task, contenders: list[Contender], rounds: int) -> dict[str, list[Pair]]:
    """Return pairs of times for each contender, `often` in each round, in turning order."""
    times: dict[str, list[Pair]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            for _ in range(contender.often):
                two = [contender.prepare(task), _loops.fit(task)]
                order = (0, 1) if len(times[contender.name]) % 2 else (1, 0)
                taken = {place: seconds(two[place]) for place in order}
                (first, first_wall), (second, second_wall) = taken[0], taken[1]
                times[contender.name].append(Pair(first, second, first_wall + second_wall))
    return times


def speedup(pairs: list[Pair]) -> float:
    """Return how many times as fast as the contender `fit` is: the median over the rounds."""
    return statistics.median(pair.contender / pair.fit for pair in pairs)


def row(contender: Contender, task: Task, times: dict[str, list[Pair]]) -> str:
    """Return one line of the table."""
    if contender.name not in times:
        return f"{contender.name:<40} not measured: installed by make bench"
    taken = statistics.median(pair.contender for pair in times[contender.name])
    speed = len(task.images) * task.epochs / taken
    against = speedup(times[contender.name])
    target, verdict = "", ""
    if contender.target and task.has_targets:
        target = f"{contender.target:.2f}"
        verdict = "met" if against >= contender.target else "NOT MET"
    return (
        f"{contender.name:<40}{speed:>9,.0f}{speedup(times[BARE]) / against:>9.2f}"
        f"{against:>10.3f}{target:>8} {verdict:<8} {contender.records}"
    )


def show(task: Task, contenders: list[Contender], rounds: int) -> None:
    """Check, measure and print one table."""
    check(task, contenders)
    times = measure(task, contenders, rounds)
    print(
        f"\n{task.name}, {len(task.images):,} digits, batches of {BATCH_SIZE}, SGD with momentum, "
        f"{task.epochs} epochs of {task.steps // task.epochs} steps, {rounds} rounds\n"
        f"{'':<40}samples/s  of bare  fit is ×  target          records"
    )
    for contender in CONTENDERS:
        print(row(contender, task, times), flush=True)
    pairs = [pair for found in times.values() for pair in found]
    waits = [pair.wall / (pair.contender + pair.fit) for pair in pairs]
    print(f"wall clock / processor time: {statistics.median(waits):.2f}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one table for each model, and what limits each contender."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="at least 7 for a result")
    parser.add_argument("--smoke", action="store_true", help="only see whether it runs")
    chosen = parser.parse_args(arguments)
    rounds = 1 if chosen.smoke else chosen.rounds
    contenders = [each for each in CONTENDERS if installed(each)]
    if chosen.smoke:
        contenders = [replace(each, often=1) for each in contenders if each.package == "torch"]
    # Advice about workers and old interfaces: it is for the libraries' authors.
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    print(
        f"{os.cpu_count()} cores, {torch.get_num_threads()} thread, "
        f"Python {platform.python_version()}, torch {torch.__version__}"
    )
    for task in tasks()[: 1 if chosen.smoke else None]:
        show(task, contenders, rounds)
    print(
        "Medians over the rounds, of processor time. `fit is ×`: samples/s of fit, run right "
        "before or after, over\nthose of the row; `of bare` is reckoned from it. All but the "
        "two TensorLoader rows and TensorRows read\nDataLoader(TensorDataset). "
        "What limits each:"
    )
    for name, limit in LIMITS.items():
        print(f"  {name}: {limit}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
