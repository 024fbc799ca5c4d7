"""The explorer for optimisers: up to three of them race over a surface of two numbers."""

from typing import TYPE_CHECKING

from helpers.explore._explorer import Explorer, Picture, widgets_are_installed
from helpers.explore._optimizer_runs import (
    MOMENTUM,
    MOST_STEPS,
    OPTIMISERS,
    SURFACES,
    Run,
    code,
    race,
)
from helpers.explore._paths import Path, draw_paths, loss_text, place_text

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
        Path(f"{name}, lr={rate:g}", run.places, run.losses)
        for (name, rate), run in zip(racing, runs, strict=True)
    ]
    figure = draw_paths(chosen, paths, steps)
    lines = [f"loss = {chosen.formula}, from {place_text(chosen.start)}, {steps} steps"]
    for (name, rate), run in zip(racing, runs, strict=True):
        lines += [code(name, rate, momentum), f"    {result(run)}"]
    return Picture(figure, tuple(lines))


def result(run: Run) -> str:
    """Return how a run ended, rounded so that every processor says the same."""
    if run.refusal:
        return f"PyTorch refuses: {run.refusal}"
    if run.diverged_after is not None:
        return f"diverged: over a million after step {run.diverged_after}"
    end = f"at {place_text(run.places[-1])}, loss {loss_text(run.losses[-1])}"
    step = run.first_below(GOOD)
    return f"{end}; " + (
        f"not yet below {GOOD}" if step is None else f"below {GOOD} at step {step}"
    )


def _attach(explorer: Explorer) -> None:
    """Make the controls and connect them; a lane without anybody has no rate."""
    import ipywidgets

    surface = ipywidgets.Dropdown(options=list(SURFACES), value=FIRST, description="surface")
    lanes = [_lane(place, *lane) for place, lane in enumerate(LANES, 1)]
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
    for place, (who, rate) in enumerate(lanes, 1):
        controls |= {f"optimiser {place}": who, f"rate {place}": rate}
    explorer.attach(controls | {"momentum": momentum, "steps": steps})
    for control in explorer.controls.values():
        control.observe(update, names="value")


def _lane(
    place: int, name: str, rate: float
) -> "tuple[ipywidgets.Dropdown, ipywidgets.SelectionSlider]":
    """Return the controls of one lane: who races, and its learning rate on a log scale."""
    import ipywidgets

    who = ipywidgets.Dropdown(
        options=[*OPTIMISERS, NOBODY], value=name, description=f"optimiser {place}"
    )
    rates = [(f"{value:g}", value) for value in RATES]
    slider = ipywidgets.SelectionSlider(options=rates, value=rate, description=f"its rate {place}")
    return who, slider
