"""What a board holds: curves in bounded memory, panes in their order, sent once."""

import math
import random

import numpy as np
import pytest

from helpers.board._store import Series, Store


def test_a_short_curve_is_kept_whole() -> None:
    """Up to 0.8 of the limit."""
    series = Series(100)
    for step in range(79):
        series.add(step, step % 7)
    assert series.points() == [(step, step % 7) for step in range(79)]


@pytest.mark.parametrize("length", [101, 1_000, 12_345, 100_000])
def test_a_long_curve_keeps_what_is_telling(length: int) -> None:
    """Both ends, every record, spikes and gaps, in order, evenly spread and within the limit."""
    numbers = random.Random(length)
    series, limit = Series(200), 200
    spikes = {length // 3: 9.0, length // 2: -9.0, length // 5: math.nan}
    for step in range(length):
        series.add(step, spikes.get(step, numbers.random()))
        assert len(series._open) <= 64
    points = series.points()
    steps = [step for step, _ in points]
    assert len(points) <= limit
    assert steps == sorted(set(steps)) and steps[0] == 0 and steps[-1] == length - 1
    assert {(length // 3, 9.0), (length // 2, -9.0), (length // 5, None)} <= set(points)
    assert max(np.diff(steps)) <= length / 8


def test_what_is_shown_waits_for_what_was_logged_before() -> None:
    """A round that has emptied the buffer does not send what comes afterwards."""
    kept = Store(20)
    kept.show("note", lambda: {})
    assert not kept.is_unchanged()
    assert kept.take() is None
    kept.place(kept.take_shown())
    assert kept.take() == ("note", {})
    assert kept.is_unchanged()


def test_after_a_restart_the_order_is_the_same() -> None:
    """Whatever changed last."""
    kept = Store(20)
    kept.add([("a", 1.0, 0), ("b", 1.0, 0), ("c", 1.0, 0)])
    while kept.take() is not None:
        pass
    kept.add([("c", 2.0, 1)])
    kept.mark_changed()
    assert [kept.take()[0] for _ in "abc"] == ["a", "b", "c"]


def test_a_curve_begins_anew_after_a_text_of_its_name() -> None:
    """What came last is shown; the other curves of the pane begin anew as well."""
    kept = Store(20)
    for value in (1.0, 2.0):
        kept.add([("loss/train", value, 0), ("loss/validation", value, 0), ("other", value, 0)])
        kept.show("loss", lambda: {})
        kept.place(kept.take_shown())
    kept.add([("loss/validation", 3.0, 1), ("loss/train", 4.0, 1), ("other", 5.0, 1)])
    sent = dict(iter(kept.take, None))
    found = {one["name"]: one["y"] for pane in sent.values() for one in pane["data"]}
    assert found == {"validation": [3.0], "train": [4.0], "other": [1.0, 2.0, 5.0]}
