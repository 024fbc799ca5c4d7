"""Every public function of `helpers.checkpoint` with odd arguments: an answer, or a sentence."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from helpers import checkpoint
from tests.odd_arguments import ODD, SEEDED, check, odd

pytestmark = pytest.mark.timeout(300)


def save_and_load(value: object) -> None:
    """Save in a new folder; what could be saved must be loaded."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        checkpoint.save(path, value=value)
        assert checkpoint.load(path).keys() == {"value"}


def load_onto(device: object) -> None:
    """Load a good file onto what may be a device."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.pt"
        checkpoint.save(path, value=torch.ones(2))
        checkpoint.load(path, device)


def save_elsewhere(path: object) -> None:
    """Save under what may be a path; in the current folder, which is a new one."""
    checkpoint.save(path, value=1)


def model() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def optimizer() -> torch.optim.Optimizer:
    return torch.optim.Adam(model().parameters())


CALLS: dict[str, Callable[[object], object]] = {
    "save": save_and_load,
    "save, its path": save_elsewhere,
    "load": checkpoint.load,
    "load, its device": load_onto,
    "check_path": checkpoint.check_path,
    "check_path, its name": lambda value: checkpoint.check_path("run.pt", value),
    "renamed": lambda value: checkpoint.renamed(value, model()),
    "renamed, its model": lambda value: checkpoint.renamed({}, value),
    "differences": lambda value: checkpoint.differences(value, model()),
    "differences, an optimiser": lambda value: checkpoint.differences(value, optimizer()),
    "differences, its model": lambda value: checkpoint.differences({}, value),
    "restore_random_state": checkpoint.restore_random_state,
    "random_state": lambda value: checkpoint.random_state(),
}
BY_HAND = {"MARK", "CheckpointError"}


def test_every_public_name_is_tried() -> None:
    assert set(checkpoint.__all__) - BY_HAND <= {name.partition(",")[0] for name in CALLS}


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", CALLS)
def test_each_odd_value_gives_an_answer_or_a_sentence(name: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for make in ODD.values():
        check(CALLS[name], make())


PARTS = st.recursive(
    odd(),
    lambda parts: st.one_of(
        st.lists(parts, max_size=3),
        st.tuples(parts, parts),
        st.dictionaries(st.text(max_size=2), parts, max_size=3),
    ),
    max_leaves=5,
)


@SEEDED
@given(PARTS)
def test_a_state_of_odd_parts_is_stored_or_refused(value: object) -> None:
    check(save_and_load, value)


KEYS = st.sampled_from(["torch", "cuda", "numpy", "python", "key", "pos", "gauss", "version"])


@SEEDED
@given(st.dictionaries(KEYS, odd()), st.sampled_from(["", "numpy", "python"]))
def test_a_random_state_of_odd_parts_is_refused_and_changes_nothing(
    parts: dict[str, object], within: str
) -> None:
    before = checkpoint.random_state()
    state = checkpoint.random_state()
    (state[within] if within else state).update(parts)
    try:
        check(checkpoint.restore_random_state, state)
        after = checkpoint.random_state()
        assert torch.equal(after["numpy"]["key"], before["numpy"]["key"])
    finally:
        checkpoint.restore_random_state(before)


MOMENTS = st.dictionaries(st.sampled_from(["state", "param_groups"]), PARTS)


@SEEDED
@given(MOMENTS, PARTS)
def test_an_optimisers_state_of_odd_parts_is_compared(state: dict, group: object) -> None:
    check(checkpoint.differences, state, optimizer())
    check(checkpoint.differences, {"state": {0: group}, "param_groups": [group]}, optimizer())
