"""What a board holds: curves in bounded memory, panes in their order, sent once."""

import itertools
import math
import random

import numpy as np
import pytest

from helpers.board._store import (
    COLOURS,
    DASHES,
    MARKED,
    OPEN,
    Curves,
    Message,
    Series,
    Store,
    curves_message,
    escape,
    reduce,
    split,
    text_message,
)

pytestmark = pytest.mark.timeout(60)  # a store that gives a pane again and again never ends


def taken(store: Store, most: int = 100) -> list[tuple[str, Message]]:
    """All that has changed, in the order in which it is taken."""
    found = []
    while (one := store.take()) is not None:
        found.append(one)
        assert len(found) <= most, "a pane that was taken is given again"
    return found


def shown(store: Store, pane: str, compose) -> None:
    """Show something, as the sender places it."""
    store.show(pane, compose)
    store.replace(store.take_shown())


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
    kept.replace(kept.take_shown())
    assert kept.take() == ("note", {})
    assert kept.is_unchanged()


def test_after_a_restart_the_order_is_the_same() -> None:
    """Whatever changed last."""
    kept = Store(20)
    kept.add([("a", 1.0, 0), ("b", 1.0, 0), ("c", 1.0, 0)])
    assert [pane for pane, _ in taken(kept)] == ["a", "b", "c"]
    kept.add([("c", 2.0, 1)])
    kept.mark_changed()
    assert [pane for pane, _ in taken(kept)] == ["a", "b", "c"]


def test_a_curve_begins_anew_after_a_text_of_its_name() -> None:
    """What came last is shown; the other curves of the pane begin anew as well."""
    kept = Store(20)
    for value in (1.0, 2.0):
        kept.add([("loss/train", value, 0), ("loss/validation", value, 0), ("other", value, 0)])
        kept.show("loss", lambda: {})
        kept.replace(kept.take_shown())
    kept.add([("loss/validation", 3.0, 1), ("loss/train", 4.0, 1), ("other", 5.0, 1)])
    sent = dict(taken(kept))
    found = {one["name"]: one["y"] for pane in sent.values() for one in pane["data"]}
    assert found == {"validation": [3.0], "train": [4.0], "other": [1.0, 2.0, 5.0]}


def test_a_scalar_after_a_text_takes_its_pane() -> None:
    """The last that came is shown, and once."""
    kept = Store(20)
    shown(kept, "loss", lambda: {"data": "a text"})
    assert taken(kept) == [("loss", {"data": "a text"})]
    kept.add([("loss/train", 1.0, 0)])
    ((pane, message),) = taken(kept)
    assert pane == "loss"
    assert [(one["name"], one["y"]) for one in message["data"]] == [("train", [1.0])]
    assert kept.is_unchanged()


def test_a_text_after_a_scalar_takes_its_pane() -> None:
    kept = Store(20)
    kept.add([("loss/train", 1.0, 0), ("other", math.nan, 0), ("loss/train", math.inf, 1)])
    assert kept.gaps() == {"loss/train": 1, "other": 1}
    shown(kept, "loss", lambda: {"data": "a text"})
    assert [pane for pane, _ in taken(kept)] == ["loss", "other"]
    assert kept.gaps() == {"other": 1}


def test_a_pane_is_composed_once() -> None:
    """Sent again to a server that was restarted, it is as it was: what it was made of is gone."""
    kept, calls = Store(20), []
    shown(kept, "note", lambda: calls.append("composed") or {"data": len(calls)})
    for _ in range(3):
        assert taken(kept) == [("note", {"data": 1})]
        kept.mark_changed()
    assert calls == ["composed"]


def test_a_pane_that_is_replaced_while_it_is_composed_is_the_new_one() -> None:
    """The old message is on its way; it does not take the new one's place."""
    kept = Store(20)

    def slow() -> Message:
        shown(kept, "note", lambda: {"data": "new"})
        return {"data": "old"}

    shown(kept, "note", slow)
    assert taken(kept) == [("note", {"data": "old"}), ("note", {"data": "new"})]
    kept.mark_changed()
    assert taken(kept) == [("note", {"data": "new"})]


def test_curves_that_come_while_a_text_is_composed_stay() -> None:
    kept = Store(20)

    def slow() -> Message:
        kept.add([("note/train", 2.0, 0)])
        return {"data": "old"}

    shown(kept, "note", slow)
    assert next(message["data"] for _, message in taken(kept)) == "old"
    kept.mark_changed()
    ((_, message),) = taken(kept)
    assert message["data"][0]["y"] == [2.0]


def test_what_cannot_be_composed_says_why_and_is_not_tried_again() -> None:
    """In its own pane, escaped."""
    kept, calls = Store(20), []

    def fails() -> Message:
        calls.append(1)
        raise ValueError("<no colour>")

    shown(kept, "a", fails)
    for _ in range(2):
        ((pane, message),) = taken(kept)
        assert pane == "a" and message["opts"] == {"title": "a"}
        assert message["data"][0]["content"] == "This cannot be shown: &lt;no colour&gt;"
        kept.mark_changed(["a"])
    assert calls == [1]


def test_some_panes_are_sent_again() -> None:
    """Those that are named, and no others."""
    kept = Store(20)
    kept.add([("a", 1.0, 0), ("b", 1.0, 0), ("c", 1.0, 0)])
    assert not kept.is_unchanged()
    taken(kept)
    kept.mark_changed(["c", "a"])
    assert [pane for pane, _ in taken(kept)] == ["c", "a"]
    assert kept.is_unchanged()


def test_what_is_shown_twice_before_it_is_taken_is_shown_once() -> None:
    kept = Store(20)
    kept.show("a", lambda: {"data": 1})
    kept.show("b", lambda: {"data": 2})
    kept.show("a", lambda: {"data": 3})
    kept.replace(kept.take_shown())
    assert taken(kept) == [("a", {"data": 3}), ("b", {"data": 2})]
    assert kept.take_shown() == {}


@pytest.mark.parametrize(
    ("tag", "pane", "name"),
    [
        ("loss/train", "loss", "train"),
        ("a/b/c", "a/b", "c"),
        ("rate", "rate", "rate"),
        ("rate/", "rate/", "rate/"),
        ("/rate", "/rate", "/rate"),
        ("//x", "/", "x"),
    ],
)
def test_a_tag_is_a_pane_and_a_curve(tag: str, pane: str, name: str) -> None:
    assert split(tag) == (pane, name)


def test_steps_are_counted_on_from_the_last_that_is_known() -> None:
    """nan is no step, and None asks for the next one."""
    series = Series(20)
    for step, value in [(None, 1.0), (5, 2.0), (None, 3.0), (math.nan, 4.0), (2.5, math.nan)]:
        series.add(step, value)
    assert series.points() == [(0, 1.0), (5, 2.0), (6, 3.0), (7, 4.0), (2.5, None)]
    assert series.gaps == 1


@pytest.mark.parametrize("limit", [20, 25, 34, 35])
def test_a_curve_of_few_points_keeps_both_ends(limit: int) -> None:
    """Be the buckets odd or even in number when they are merged; each step once, in order."""
    series = Series(limit)
    for step in range(500):
        series.add(step, float(step % 5))
        steps = [kept for kept, _ in series.points()]
        assert len(steps) <= limit
        assert steps == sorted(set(steps))
        assert (steps[0], steps[-1]) == (0, step)
        assert max(np.diff([*steps, step + 1])) <= (step + 1) / 2 + 1


def test_the_open_bucket_is_reduced_before_it_is_full() -> None:
    """Memory does not grow with the length of a bucket; its extremes stay."""
    series = Series(20)
    for step in range(3_000):
        series.add(step, {2_500: -7.0, 2_600: 7.0}.get(step, 0.0))
        assert len(series._open) < OPEN + 4
    assert {(2_500, -7.0), (2_600, 7.0)} <= set(series.points())


def test_reducing_keeps_ends_extremes_and_one_gap() -> None:
    points = [(0, 1.0), (1, None), (2, -3.0), (3, 0.0), (4, None), (5, 9.0), (6, 2.0)]
    assert reduce(points) == [(0, 1.0), (1, None), (2, -3.0), (5, 9.0), (6, 2.0)]
    assert reduce(points[:4]) == points[:4]
    gaps = [(step, None) for step in range(6)]
    assert reduce(gaps) == [(0, None), (5, None)]


@pytest.mark.parametrize(("length", "mode"), [(MARKED, "lines+markers"), (MARKED + 1, "lines")])
def test_points_are_marked_as_long_as_they_are_few(length: int, mode: str) -> None:
    curve = Series(1_000)
    for step in range(length):
        curve.add(step, 1.0)
    (trace,) = curves_message("a", Curves(a=curve))["data"]
    assert (trace["mode"], trace["type"]) == (mode, "scatter")


def test_curves_differ_in_colour_and_line_and_have_a_legend() -> None:
    """A pane of one curve of its own name needs none; gaps of all curves are counted."""
    curves = Curves()
    for index in range(len(COLOURS) + 1):
        curves[str(index)] = Series(20)
        curves[str(index)].add(0, math.nan if index < 3 else 1.0)
    message = curves_message("many", curves)
    styles = [(one["line"]["color"], one["line"]["dash"]) for one in message["data"]]
    assert styles[: len(COLOURS)] == list(zip(COLOURS, [*DASHES, *DASHES]))
    assert styles[-1] == (COLOURS[0], DASHES[len(COLOURS) % len(DASHES)])
    assert message["layout"]["showlegend"] is True
    assert message["layout"]["xaxis"]["title"] == "step (left out as nan or inf: 3)"
    alone = curves_message("0", Curves({"0": Series(20)}))["layout"]
    assert (alone["showlegend"], alone["xaxis"]["title"]) == (False, "step")


def test_curves_are_told_to_plotly_in_full() -> None:
    """Every part of the message: colours, lines and margins are what a reader sees."""
    train, validation = Series(20), Series(20)
    train.add(0, 1.0)
    train.add(1, math.nan)
    validation.add(1, 0.5)
    line = {"width": 1.5}
    trace = {"type": "scatter", "mode": "lines+markers"}
    assert curves_message("loss", Curves({"train": train, "<b>": validation})) == {
        "data": [
            {
                **trace,
                "name": "train",
                "x": [0, 1],
                "y": [1.0, None],
                "line": {**line, "color": "#0072B2", "dash": "solid"},
            },
            {
                **trace,
                "name": "&lt;b&gt;",
                "x": [1],
                "y": [0.5],
                "line": {**line, "color": "#D55E00", "dash": "dash"},
            },
        ],
        "layout": {
            "showlegend": True,
            "legend": {"orientation": "h", "y": 1.15},
            "xaxis": {"title": "step (left out as nan or inf: 1)"},
            "yaxis": {},
            "margin": {"l": 60, "r": 20, "t": 20, "b": 50},
        },
        "opts": {"title": "loss"},
    }


@pytest.mark.parametrize("limit", [20, 24, 25, 1_000, 100_000])
def test_the_limits_of_a_curve(limit: int) -> None:
    """A fifth as many buckets, four points each at first."""
    series = Series(limit)
    whole = 4 * (limit // 5) - 1
    for step in range(min(whole, 5_000)):
        series.add(step, 1.0)
    assert len(series.points()) == min(whole, 5_000)
    for wrong, kind in itertools.product((19, 100_001), (Series, Store)):
        with pytest.raises(ValueError, match="points"):
            kind(wrong)


def test_a_text_is_escaped_and_its_lines_are_lines() -> None:
    assert escape("<a href='b'>\n&") == "&lt;a href=&#x27;b&#x27;&gt;<br>&amp;"
    assert text_message("t", "<b>x</b>") == {
        "data": [{"type": "text", "content": "<b>x</b>"}],
        "opts": {"title": "t"},
    }
