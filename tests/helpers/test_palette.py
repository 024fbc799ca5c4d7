"""The palette: colours, and what goes with them."""

from helpers import plot


def test_styles_differ_in_more_than_colour() -> None:
    styles = [plot.style(place) for place in range(6)]
    assert len({str(style["linestyle"]) for style in styles}) == 6
    assert len({style["marker"] for style in styles}) == 6
    assert {style["color"] for style in styles} <= set(plot.OKABE_ITO.values())
