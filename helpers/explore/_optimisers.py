"""The explorer for optimisers: up to three of them race over a surface of two numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from helpers._palette import INK, LINE, PAPER, QUIET, style
from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
from helpers.explore._optimizer_runs import (
    MOMENTUM,
    MOST_STEPS,
    OPTIMISERS,
    SURFACES,
    Run,
    Surface,
    code,
    race,
)
from helpers.plot._boxes import SMALL, SMALLEST, TEXT, finish
from helpers.plot._wording import number

if TYPE_CHECKING:
    import ipywidgets

NOBODY = "nobody"
GOOD = 0.01
RATES = tuple(
    float(f"{digits}e{power}") for power in range(-4, 1) for digits in (1, 1.5, 2, 3, 4, 5, 6, 8)
)
MOMENTA = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
FIRST, FIRST_MOMENTUM, FIRST_STEPS = "narrow valley", 0.9, 50
LANES = (("SGD", 0.08), ("SGD with momentum", 0.03), ("Adam", 0.3))
Lane = tuple[str, float]
POINTS = 90
LEVELS = 14
SIGNS = 12
FLOOR, CEILING = 1e-6, 1e6
HALO = [withStroke(linewidth=3.4, foreground=PAPER)]


@dataclass(frozen=True)
class Path:
    """The points (x, y) of one optimiser, its start first, the loss at each, and its name."""

    name: str
    points: Sequence[tuple[float, float]]
    losses: Sequence[float]


def optimisers() -> Explorer:
    """Return an explorer of `torch.optim`: choose a surface and who races, and move the rates.

    The optimisers are PyTorch's own, each on a point of two numbers; the gradients are
    those of autograd.
    """
    first = picture(FIRST, LANES, FIRST_MOMENTUM, FIRST_STEPS)
    explorer = Explorer("Explorer: optimisers", first)
    if widgets_are_installed():
        _attach(explorer)
    return explorer


def picture(surface: str, lanes: tuple[Lane, ...], momentum: float, steps: int) -> Picture:
    """Draw who races over a surface, each as (name, learning rate), and how far they get.

    A lane with the name "nobody" is empty; where all are, only the surface is drawn.
    """
    chosen = SURFACES[surface]
    racing = [(name, rate) for name, rate in lanes if name != NOBODY]
    runs = [race(surface, name, rate, momentum).until(steps) for name, rate in racing]
    paths = [
        Path(f"{name}, lr={rate:g}", run.points, run.losses)
        for (name, rate), run in zip(racing, runs, strict=True)
    ]
    figure = draw_paths(chosen, paths, steps)
    lines = [f"loss = {chosen.formula}, from {point_text(chosen.start)}, {steps} steps"]
    for (name, rate), run in zip(racing, runs, strict=True):
        lines += [code(name, rate, momentum), f"    {result(run)}"]
    return Picture(figure, tuple(lines))


def result(run: Run) -> str:
    """Return how a run ended, rounded so that every processor says the same."""
    if run.refusal:
        return f"PyTorch refuses: {run.refusal}"
    if run.diverged_after is not None:
        return f"diverged: over a million after step {run.diverged_after}"
    end = f"at {point_text(run.points[-1])}, loss {loss_text(run.losses[-1])}"
    step = run.first_below(GOOD)
    return f"{end}; " + (
        f"not yet below {GOOD}" if step is None else f"below {GOOD} at step {step}"
    )


def draw_paths(surface: Surface, paths: Sequence[Path], steps: int) -> Figure:
    """Draw the surface as contours with the paths on it, and the losses against the steps.

    A path that leaves the window is cut there. At most 6 paths have looks of their own.
    """
    figure = Figure(figsize=(8.2, 3.7), facecolor=PAPER)
    sides = {"left": 0.065, "right": 0.985, "top": 0.92, "bottom": 0.23, "wspace": 0.22}
    ground, curves = figure.subplots(1, 2, width_ratios=(1.25, 1), gridspec_kw=sides)
    _contours(ground, surface)
    for position, path in enumerate(paths):
        look = style(position) | {"linewidth": 1.6, "markersize": 5, "path_effects": HALO}
        every = max(1, len(path.points) // SIGNS)
        across, down = (_within(path.points, axis) for axis in (0, 1))
        ground.plot(across, down, markevery=every, label=path.name, **look)
        ground.plot(across[-1:], down[-1:], **look | {"markersize": 10})
        losses = torch.tensor(path.losses).clamp(FLOOR, CEILING)
        curves.plot(losses, markevery=every, **look)
    start = {"marker": "X", "color": INK, "markersize": 9, "linestyle": "none"}
    ground.plot(*zip(surface.start, strict=True), label="start", zorder=4, **start)
    least = start | {"marker": "*", "markersize": 13, "markeredgecolor": PAPER}
    ground.plot(*zip(*surface.minima, strict=True), label="least", zorder=5, **least)
    _finish_axes(ground, curves, surface.window, steps)
    figure.legend(loc="lower center", ncols=5, fontsize=SMALL, frameon=False)
    return finish(figure, sentences(surface, paths, steps))


def _contours(axes: Axes, surface: Surface) -> None:
    """Draw lines of equal loss, closer together where it is small."""
    x = torch.linspace(*surface.window[:2], POINTS, dtype=torch.float64)
    y = torch.linspace(*surface.window[2:], POINTS, dtype=torch.float64)
    values = surface.height(x[None, :], y[:, None])
    levels = torch.linspace(0, 1, LEVELS + 1)[1:] ** 4 * float(values.max())
    axes.contourf(x, y, values, levels=[0, *levels.tolist()], cmap="Greys", alpha=0.35)
    axes.contour(x, y, values, levels=levels.tolist(), colors=LINE, linewidths=0.7)


def _within(points: Sequence[tuple[float, float]], axis: int) -> list[float]:
    """Return one coordinate of each point, cut where matplotlib could no longer draw it."""
    return [min(max(point[axis], -1e4), 1e4) for point in points]


def _finish_axes(
    ground: Axes, curves: Axes, window: tuple[float, float, float, float], steps: int
) -> None:
    """Set limits, names and scales."""
    ground.set(xlim=window[:2], ylim=window[2:], xlabel="x", ylabel="y")
    ground.set_title("the paths, on lines of equal loss", fontsize=TEXT, color=INK)
    curves.set_title("the loss after each step", fontsize=TEXT, color=INK)
    curves.set(yscale="log", xlabel="step", ylabel="loss", xlim=(0, max(1, steps)))
    curves.grid(color=LINE, linewidth=0.5)
    curves.minorticks_off()
    losses = [loss for line in curves.lines for loss in np.asarray(line.get_ydata())] or [1]
    low, high = math.log10(min(losses)), math.log10(max(losses))
    # Whole powers of ten, so that there are at least two ticks with short names.
    curves.set_ylim(10 ** math.floor(low - 0.05), 10 ** math.ceil(high + 0.05))
    for axes in (ground, curves):
        axes.tick_params(labelsize=SMALLEST, colors=QUIET)


def point_text(point: tuple[float, float]) -> str:
    """Return a point with two decimals, without the sign of a zero."""
    return f"({', '.join(f'{round(part, 2) + 0.0:.2f}' for part in point)})"


def loss_text(loss: float) -> str:
    """Return a loss to 2 significant digits; what is under a millionth is only called so."""
    return f"under {FLOOR:.0e}" if loss < FLOOR else f"{float(f'{loss:.1e}'):g}"


def sentences(surface: Surface, paths: Sequence[Path], steps: int) -> list[str]:
    """Return what the picture shows."""
    left, right, bottom, top = (number(side) for side in surface.window)
    least = " and ".join(point_text(point) for point in surface.minima)
    return [
        f"Left: lines of equal loss for x {left} to {right} and y {bottom} to {top}.",
        f"A cross: the start, {point_text(surface.start)}. A star: loss 0, {least}.",
        f"Right: the loss on a log scale against the step, 0 to {steps}.",
        *(_course(path, surface.window) for path in paths),
    ]


def _course(path: Path, window: tuple[float, float, float, float]) -> str:
    """Return where a path is at its start, its quarters and its end, and whether it gets out."""
    last = len(path.points) - 1
    stops = sorted({last * quarter // 4 for quarter in range(1, 5)})
    left, right, bottom, top = window
    outside = [
        step
        for step, (x, y) in enumerate(path.points)
        if not (left <= x <= right and bottom <= y <= top)
    ]
    inside = [f"step {stop} {point_text(path.points[stop])}" for stop in stops]
    if outside:
        inside = [words for stop, words in zip(stops, inside, strict=True) if stop < outside[0]]
        inside.append(f"out of the picture at step {outside[0]}")
    return f"{path.name}: {', '.join(inside)}."


def _attach(explorer: Explorer) -> None:
    """Make the controls and connect them; an empty lane has no rate."""
    import ipywidgets

    surface = ipywidgets.Dropdown(options=list(SURFACES), value=FIRST, description="surface")
    lanes = [_lane(position, *lane) for position, lane in enumerate(LANES, 1)]
    momentum = ipywidgets.SelectionSlider(
        options=MOMENTA, value=FIRST_MOMENTUM, description="momentum"
    )
    steps = ipywidgets.IntSlider(min=1, max=MOST_STEPS, value=FIRST_STEPS, description="steps")

    def update(change: object = None) -> None:
        for who, rate in lanes:
            rate.layout.display = "none" if who.value == NOBODY else None
        needed = any(who.value in MOMENTUM for who, _ in lanes)
        momentum.layout.display = None if needed else "none"
        values = tuple((who.value, rate.value) for who, rate in lanes)
        explorer.draw(picture(surface.value, values, momentum.value, steps.value))

    controls: dict[str, ipywidgets.ValueWidget] = {"surface": surface}
    for position, (who, rate) in enumerate(lanes, 1):
        controls |= {f"optimiser {position}": who, f"rate {position}": rate}
    explorer.attach(controls | {"momentum": momentum, "steps": steps})
    for control in explorer.controls.values():
        control.observe(update, names="value")


def _lane(
    position: int, name: str, rate: float
) -> "tuple[ipywidgets.Dropdown, ipywidgets.SelectionSlider]":
    """Return the controls of one lane: who races, and its learning rate on a log scale."""
    import ipywidgets

    who = ipywidgets.Dropdown(
        options=[*OPTIMISERS, NOBODY], value=name, description=f"optimiser {position}"
    )
    rates = [(f"{value:g}", value) for value in RATES]
    slider = ipywidgets.SelectionSlider(
        options=rates, value=rate, description=f"its rate {position}"
    )
    return who, slider
