"""Every explorer with its controls moved at random: always a picture and words, no figure left."""

import warnings
from collections.abc import Callable

import ipywidgets
import matplotlib.pyplot as plt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import explore
from helpers.explore._broadcasting import parse_shape
from helpers.explore._explorer import Explorer

EXPLORERS: dict[str, Callable[[], Explorer]] = {
    name: getattr(explore, name) for name in explore.__all__
}
TYPED = st.one_of(
    st.text(max_size=30),
    st.lists(st.integers(-2, 1200), max_size=7).map(lambda sizes: ", ".join(map(str, sizes))),
    st.sampled_from(("9" * 5000, "٣", "²", "1e3", "\0", "\ud800", "((((", "2,", ",", "0, 0", "$")),
)


def move(control: ipywidgets.ValueWidget, share: float, typed: str) -> None:
    """Give a control another value: a `share` (0 to 1) of its range, or what is typed."""
    if hasattr(control, "options"):
        control.index = min(int(share * len(control.options)), len(control.options) - 1)
    elif hasattr(control, "max"):
        control.value = round(control.min + share * (control.max - control.min))
    else:
        control.value = typed


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", EXPLORERS)
def test_any_controls_give_a_picture_and_words(name: str) -> None:
    explorer = EXPLORERS[name]()
    assert explorer.controls

    @settings(
        max_examples=3,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), TYPED), min_size=1, max_size=4))
    def run(moves: list[tuple[float, float, str]]) -> None:
        for which, share, typed in moves:
            controls = list(explorer.controls.values())
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                move(controls[min(int(which * len(controls)), len(controls) - 1)], share, typed)
            assert explorer.png.startswith(b"\x89PNG") and explorer.alternative
            assert all(sentence.strip() for sentence in explorer.sentences)
            assert plt.get_fignums() == []

    run()


@settings(max_examples=300, derandomize=True, database=None, deadline=2000)
@given(TYPED)
def test_what_is_typed_is_a_shape_or_is_explained(typed: str) -> None:
    try:
        shape = parse_shape(typed)
    except ValueError as problem:
        message = str(problem)
        assert message.startswith('"') and len(message) < 200
        assert "is not a shape; write integers" in message or "is too large to draw" in message
    else:
        assert len(shape) <= 5 and all(0 <= size <= 1000 for size in shape)


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_takes_no_arguments_and_says_so(name: str) -> None:
    with pytest.raises(TypeError, match=rf"{name}\(\) takes 0 positional arguments"):
        EXPLORERS[name](None)
