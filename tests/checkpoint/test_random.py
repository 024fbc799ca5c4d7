"""The random generators go on where they were."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import checkpoint
from helpers.checkpoint import CheckpointError


def test_random_numbers_go_on_where_they_were(tmp_path: Path) -> None:
    random.gauss(0, 1)  # the second of the pair is kept by the generators
    np.random.standard_normal()
    checkpoint.save(tmp_path / "run.pt", random=checkpoint.random_state())

    def draw() -> list[float]:
        numpy_numbers = [*np.random.standard_normal(3), *np.random.rand(700)]
        return [random.gauss(0, 1), random.random(), *torch.rand(3).tolist(), *numpy_numbers]

    first = draw()
    assert draw() != first
    checkpoint.restore_random_state(checkpoint.load(tmp_path / "run.pt")["random"])
    assert draw() == first


def test_a_default_device_does_not_matter() -> None:
    with torch.device("meta"):
        state = checkpoint.random_state()
    first = random.random()
    checkpoint.restore_random_state(state)
    assert random.random() == first


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("torch", torch.ones(3)),
        ("torch", torch.zeros(7, dtype=torch.uint8)),
        ("torch", "text"),
        ("cuda", None),
        ("numpy", {"key": torch.ones(3), "pos": 0, "has_gauss": 0, "gauss": 0.0}),
        ("numpy", []),
        ("python", {"version": 3, "numbers": torch.ones(3), "gauss": None}),
        ("python", {"version": 3, "numbers": torch.full((625,), -1), "gauss": None}),
    ],
)
def test_a_damaged_state_changes_no_generator(part: str, wrong: object) -> None:
    state = checkpoint.random_state()
    expected = torch.rand(3), np.random.rand(3), random.random()
    checkpoint.restore_random_state(state)
    with pytest.raises(CheckpointError, match="state of the random generators, of type dict, is"):
        checkpoint.restore_random_state({**state, part: wrong})
    got = torch.rand(3), np.random.rand(3), random.random()
    assert torch.equal(got[0], expected[0]) and (got[1] == expected[1]).all()
    assert got[2] == expected[2]


def test_a_state_that_is_none_is_refused_in_a_sentence() -> None:
    with pytest.raises(
        CheckpointError, match=r"None, is damaged or of something else .*; give what"
    ):
        checkpoint.restore_random_state(None)
