"""The explorer for optimisers: its paths are PyTorch's, and its words are true."""

import math

import matplotlib.pyplot as plt
import pytest
import torch

from helpers import explore, plot
from helpers.explore import _optimisers as optimisers
from helpers.explore import _optimizer_runs as racing
from helpers.explore._explorer import Explorer

VALLEY = "narrow valley"


def by_hand(rate: float, momentum: float, steps: int, nesterov: bool = False) -> tuple:
    """Return where SGD is in the valley, computed with plain numbers."""
    place, speed = [-4.5, 1.2], [0.0, 0.0]
    for _ in range(steps):
        slope = [place[0], 20 * place[1]]
        speed = [momentum * v + g for v, g in zip(speed, slope, strict=True)]
        ahead = [g + momentum * v for v, g in zip(speed, slope, strict=True)]
        step = ahead if nesterov else speed
        place = [p - rate * s for p, s in zip(place, step, strict=True)]
    return tuple(place)


@pytest.mark.parametrize(
    ("name", "momentum"), [("SGD", 0.0), ("SGD with momentum", 0.9), ("Nesterov", 0.8)]
)
@pytest.mark.parametrize("steps", [0, 1, 17, 200])
def test_sgd_goes_where_the_formula_leads(name: str, momentum: float, steps: int) -> None:
    run = racing.race(VALLEY, name, 0.02, momentum).until(steps)
    expected = by_hand(0.02, momentum, steps, nesterov=name == "Nesterov")
    assert len(run.points) == len(run.losses) == steps + 1
    assert run.points[-1] == pytest.approx(expected, abs=1e-9)
    x, y = run.points[-1]
    assert run.losses[-1] == pytest.approx((x**2 + 20 * y**2) / 2, abs=1e-12)


@pytest.mark.parametrize("surface", racing.SURFACES)
def test_surfaces_are_least_and_0_where_they_say(surface: str) -> None:
    chosen = racing.SURFACES[surface]
    left, right, bottom, top = chosen.window
    x = torch.linspace(left, right, 301, dtype=torch.float64)
    y = torch.linspace(bottom, top, 301, dtype=torch.float64)
    assert chosen.height(x[None], y[:, None]).min() >= 0
    for place in (*chosen.minima, chosen.start):
        assert left < place[0] < right and bottom < place[1] < top
    for place in chosen.minima:
        assert float(chosen.height(*torch.tensor(place, dtype=torch.float64))) == 0
    formula = chosen.formula.replace("·", "*").replace("²", "**2")
    names = {"x": 0.7, "y": -1.3, "cos": math.cos}
    height = chosen.height(torch.tensor(0.7), torch.tensor(-1.3)).item()
    assert eval(formula, names) == pytest.approx(height, rel=1e-5)


@pytest.mark.parametrize("surface", racing.SURFACES)
@pytest.mark.parametrize("name", racing.OPTIMISERS)
@pytest.mark.parametrize("rate", [min(optimisers.RATES), max(optimisers.RATES)])
def test_every_race_gives_finite_numbers_and_ends_in_words(
    surface: str, name: str, rate: float
) -> None:
    run = racing.race(surface, name, rate, 0.9)
    assert all(map(math.isfinite, (*run.losses, *(part for p in run.points for part in p))))
    assert run.diverged_after is not None or len(run.points) == racing.MOST_STEPS + 1
    words = optimisers.result(run)
    assert "nan" not in words and "inf" not in words and "-0.00" not in words
    assert words.startswith("diverged") == (run.diverged_after is not None)


@pytest.mark.parametrize("rate", [1.0, 8.0])
def test_what_diverges_is_said_and_can_be_drawn(rate: float) -> None:
    made = optimisers.picture(VALLEY, (("SGD", rate), ("Adam", 0.1)), 0.9, 200)
    steps = next(n for n in range(99) if max(map(abs, by_hand(rate, 0, n))) > 300)
    step = racing.race(VALLEY, "SGD", rate, 0.9).diverged_after
    assert f"    diverged: over a million after step {step}" in made.sentences
    assert steps <= step <= steps + 3
    assert "out of the picture at step 1." in made.figure.course_alternative
    assert len(plot.png(made.figure)) <= 100_000


def test_the_limit_of_the_rate_is_2_over_the_curvature() -> None:
    below, above = (racing.race(VALLEY, "SGD", rate, 0.0) for rate in (0.08, 0.15))
    assert below.diverged_after is None and below.losses[-1] < 1e-6
    assert above.diverged_after is not None


def test_the_first_step_below_a_loss_is_found() -> None:
    run = racing.Run(((0, 0),) * 4, (5.0, 0.01, 0.009, 0.02))
    assert run.first_below(0.01) == 2
    assert run.until(1).first_below(0.01) is None
    assert optimisers.result(run.until(2)) == "at (0.00, 0.00), loss 0.009; below 0.01 at step 2"
    assert optimisers.result(run.until(1)) == "at (0.00, 0.00), loss 0.01; not yet below 0.01"


def test_it_starts_with_three_in_the_valley() -> None:
    explorer = explore.optimisers()
    assert explorer.sentences[:3] == (
        "loss = (x² + 20·y²) / 2, from (-4.50, 1.20), 50 steps",
        "SGD([point], lr=0.08)",
        f"    at {optimisers.point_text(by_hand(0.08, 0, 50))}, loss 0.0024; below 0.01 at step 42",
    )
    assert "SGD([point], lr=0.03, momentum=0.9)" in explorer.sentences
    assert "Adam([point], lr=0.3)" in explorer.sentences


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    """One explorer on which each test moves another control."""
    return explore.optimisers()


@pytest.mark.parametrize(
    "name", [f"{kind} {n}" for kind in ("optimiser", "rate") for n in (1, 2, 3)]
)
def test_a_lane_changes_words_and_picture(name: str, explorer: Explorer) -> None:
    before = explorer.text, explorer.png
    explorer.controls[name].value = "Adagrad" if "optimiser" in name else 0.01
    assert explorer.text != before[0] and explorer.png != before[1]
    changed = [a != b for a, b in zip(explorer.sentences, before[0].splitlines()[1:], strict=False)]
    assert changed.count(True) == 2  # its code and its result; the other lanes stay


@pytest.mark.parametrize(
    ("name", "value"), [("surface", "saddle"), ("momentum", 0.5), ("steps", 7)]
)
def test_what_all_share_changes_words_and_picture(name: str, value: object) -> None:
    explorer = explore.optimisers()
    before = explorer.text, explorer.png
    explorer.controls[name].value = value
    assert explorer.text != before[0] and explorer.png != before[1]


def test_rate_and_momentum_are_hidden_where_no_lane_uses_them() -> None:
    explorer = explore.optimisers()
    controls = explorer.controls
    controls["optimiser 2"].value = "RMSprop"
    assert controls["momentum"].layout.display == "none"
    controls["optimiser 3"].value = optimisers.NOBODY
    assert controls["rate 3"].layout.display == "none"
    assert len(explorer.sentences) == 5
    controls["optimiser 3"].value = "Nesterov"
    assert controls["rate 3"].layout.display is controls["momentum"].layout.display is None


def test_an_empty_surface_is_drawn_too() -> None:
    made = optimisers.picture("many dips", ((optimisers.NOBODY, 1.0),) * 3, 0.9, 50)
    assert len(made.sentences) == 1
    assert "A star: loss 0, (0.00, 0.00)." in made.figure.course_alternative


def test_what_pytorch_refuses_is_said_in_its_own_words() -> None:
    point = torch.zeros(2, requires_grad=True)
    with pytest.raises(ValueError) as caught:
        torch.optim.SGD([point], lr=0.1, momentum=0.0, nesterov=True)
    made = optimisers.picture(VALLEY, (("Nesterov", 0.1),), 0.0, 50)
    assert made.sentences[-1] == f"    PyTorch refuses: {caught.value}"


def test_racing_leaves_chance_and_figures_alone() -> None:
    racing.race.cache_clear()
    before = torch.get_rng_state()
    explore.optimisers()
    assert torch.equal(before, torch.get_rng_state())
    assert plt.get_fignums() == []
