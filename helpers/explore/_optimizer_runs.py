"""Run real `torch.optim` optimisers on a point with two coordinates."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import optim

MOST_STEPS = 200
FAR = 1e6
MOMENTUM = ("SGD with momentum", "Nesterov")
OPTIMISERS: dict[str, Callable[..., optim.Optimizer]] = {
    "SGD": optim.SGD,
    "SGD with momentum": optim.SGD,
    "Nesterov": optim.SGD,
    "RMSprop": optim.RMSprop,
    "Adagrad": optim.Adagrad,
    "Adadelta": optim.Adadelta,
    "Adam": optim.Adam,
    "AdamW": optim.AdamW,
    "Adamax": optim.Adamax,
    "ASGD": optim.ASGD,
    "Rprop": optim.Rprop,
    "LBFGS": optim.LBFGS,
}


@dataclass(frozen=True)
class Surface:
    """A function of x and y whose least value is 0, with where it is 0 and where runs start.

    `window` is what is drawn: left, right, bottom, top.
    """

    height: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    formula: str
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    window: tuple[float, float, float, float]


SURFACES = {
    "narrow valley": Surface(
        lambda x, y: (x**2 + 20 * y**2) / 2,
        "(x² + 20·y²) / 2",
        (-4.5, 1.2),
        ((0, 0),),
        (-5, 3, -2, 2),
    ),
    # H. H. Rosenbrock, "An automatic method for finding the greatest or least value of a
    # function", The Computer Journal 3 (1960).
    "Rosenbrock's banana": Surface(
        lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        "(1 - x)² + 100·(y - x²)²",
        (-1.2, 1.0),
        ((1, 1),),
        (-2, 2, -1, 3),
    ),
    "saddle": Surface(
        lambda x, y: x**2 / 2 + (y**2 - 1) ** 2 / 4,
        "x² / 2 + (y² - 1)² / 4",
        (-1.8, 0.01),
        ((0, -1), (0, 1)),
        (-2.2, 2.2, -1.8, 1.8),
    ),
    "many dips": Surface(
        lambda x, y: (x**2 + y**2) / 20 + 2 - torch.cos(2 * x) - torch.cos(2 * y),
        "(x² + y²) / 20 + 2 - cos(2·x) - cos(2·y)",
        (-4.2, 3.6),
        ((0, 0),),
        (-5, 5, -5, 5),
    ),
}


@dataclass(frozen=True)
class Run:
    """Where an optimiser was before the first step and after each, and the loss there.

    `points` has at least the start; it ends early where the run diverged: where a
    coordinate or the loss passed a million. `refusal` is what PyTorch said instead of
    running.
    """

    points: tuple[tuple[float, float], ...]
    losses: tuple[float, ...]
    refusal: str = ""

    @property
    def diverged_after(self) -> int | None:
        """The step after which coordinates or loss were over a million; None if never."""
        far = max(abs(self.losses[-1]), *(abs(part) for part in self.points[-1]))
        return None if far <= FAR else len(self.points) - 1

    def until(self, steps: int) -> "Run":
        """Return the first `steps` steps of this run."""
        return Run(self.points[: steps + 1], self.losses[: steps + 1], self.refusal)

    def first_below(self, limit: float) -> int | None:
        """Return the first step after which the loss is below `limit`; None if none is."""
        return next((step for step, loss in enumerate(self.losses) if loss < limit), None)


def arguments(name: str, rate: float, momentum: float) -> dict[str, Any]:
    """Return the keyword arguments the optimiser called `name` is made with."""
    given: dict[str, Any] = {"lr": rate}
    if name in MOMENTUM:
        given["momentum"] = momentum
    if name == "Nesterov":
        given["nesterov"] = True
    if name == "LBFGS":
        given["max_iter"] = 1  # its default of 20 would be 20 steps in one
    return given


def code(name: str, rate: float, momentum: float) -> str:
    """Return how the optimiser is made: `SGD([point], lr=0.1)`."""
    given = arguments(name, rate, momentum).items()
    written = ", ".join(f"{key}={value!r}" for key, value in given)
    return f"{OPTIMISERS[name].__name__}([point], {written})"


@lru_cache(maxsize=256)
def race(surface: str, name: str, rate: float, momentum: float) -> Run:
    """Run an optimiser over a surface for 200 steps, fewer where it diverges.

    The point is float64, so that the numbers are the same on other processors to far
    more digits than are shown.
    """
    height, start = SURFACES[surface].height, SURFACES[surface].start
    point = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    try:
        optimiser = OPTIMISERS[name]([point], **arguments(name, rate, momentum))
    except ValueError as problem:
        return Run((start,), (height(*point.detach()).item(),), str(problem))

    def closure() -> float:
        optimiser.zero_grad()
        loss = height(*point)
        loss.backward()
        return loss.item()

    points, losses = [start], [height(*point.detach()).item()]
    for _ in range(MOST_STEPS):
        optimiser.step(closure)
        here = tuple(point.tolist())
        loss = height(*point.detach()).item()
        known = all(map(math.isfinite, (*here, loss)))
        points.append(here if known else (2 * FAR, 2 * FAR))
        losses.append(loss if known else 2 * FAR)
        if not known or max(map(abs, (*here, loss))) > FAR:
            break
    return Run(tuple(points), tuple(losses))
