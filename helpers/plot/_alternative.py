"""The text that says what a figure shows, computed from what is drawn in it."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.container import Container
from matplotlib.figure import Figure, FigureBase

from helpers.plot._arguments import kind_of
from helpers.plot._artists import (
    axes_sentences,
    kind_of_artist,
    legend_sentences,
    shape_sentences,
    text_sentence,
)

EMPTY = "An empty figure."

Shown = Figure | Axes | Artist | Iterable


def describe(figure: Shown) -> str:
    """Return what the figure shows, in words computed from what is drawn in it.

    Titles and axis labels; of each line the number of points, range, ends and mean; of
    points their number and extent; bars with their heights; images with shape, range
    and mean; wedges, contours, arrows, tables and texts. Numbers have 3 significant digits,
    so that the text is the same on other processors. A diagram of this package carries its
    own sentences, made from the numbers it was drawn from.

    Args:
        figure: A figure, or what `show` takes instead.

    Raises:
        TypeError: It is not a figure and belongs to none.
    """
    figure = figure_of(figure)
    heading = [f"Figure: {figure.get_suptitle()}."] if figure.get_suptitle() else []
    own = getattr(figure, "course_alternative", "")
    if own:
        return "\n".join([*heading, own])
    plots = [axes_sentences(axes) for axes in figure.axes if axes.get_visible()]
    plots = [sentences for sentences in plots if sentences]
    if len(plots) > 1:
        plots = [[f"Plot {at}. {first}", *rest] for at, (first, *rest) in enumerate(plots, 1)]
    lines = [sentence for sentences in plots for sentence in sentences]
    lines += _around_the_axes(figure, lines)
    return "\n".join(heading + lines) or EMPTY


def _around_the_axes(figure: FigureBase, said: list[str]) -> list[str]:
    """Return what is drawn on the figure itself or its subfigures, outside any axes."""
    lines = []
    for part in figure.subfigs:
        lines += [f"Part of the figure: {part.get_suptitle()}."] if part.get_suptitle() else []
        lines += _around_the_axes(part, said)
    # The names of all axes together are left out where the axes have words of their own.
    names = ["_suptitle", *(["_supxlabel", "_supylabel"] if said else [])]
    titles = [getattr(figure, name, None) for name in names]
    texts = [text.get_text() for text in figure.texts if text not in titles]
    texts = [text for text in texts if text.strip()]
    lines += [text_sentence(texts)] if texts else []
    loose = [*figure.images, *figure.lines, *figure.artists]
    lines += [f"{kind_of_artist(artist)} on the figure itself." for artist in loose]
    lines += shape_sentences(figure.patches)
    for legend in figure.legends:
        lines += legend_sentences(legend, [*said, *lines])
    return lines


def figure_of(shown: object) -> Figure:
    """Return the figure that a value is, or belongs to.

    Args:
        shown: A figure, axes or an array of them, anything drawn in a figure (also in a list,
            as Matplotlib's own functions return it), or `matplotlib.pyplot` itself, which
            stands for its current figure.

    Raises:
        TypeError: The value belongs to no figure.
        ValueError: It is `matplotlib.pyplot`, and no figure is open.
    """
    if shown is plt:
        if not plt.get_fignums():
            raise ValueError("no figure is open in plt; draw one first, or give the figure itself.")
        return plt.gcf()
    for item in _candidates(shown):
        try:
            figure = item if isinstance(item, FigureBase) else item.figure
        except Exception:  # whatever an odd object raises here, it is not drawn in a figure
            continue
        root = figure.get_figure(root=True) if isinstance(figure, FigureBase) else None
        if isinstance(root, Figure):
            return root
    raise TypeError(
        f"this is {kind_of(shown)}, not a figure; give the figure that plt.subplots() or a "
        "function of helpers.plot returned, or its axes."
    )


def _candidates(shown: object) -> list[Any]:
    """Return what may be a figure or drawn in one: the value, or the items it consists of."""
    if isinstance(shown, np.ndarray) and shown.dtype == object:
        return list(islice(shown.flat, 100))
    if isinstance(shown, Container):
        return [*shown.get_children()]
    if isinstance(shown, dict):
        return [item for value in islice(shown.values(), 100) for item in _candidates(value)]
    if isinstance(shown, Sequence) and not isinstance(shown, (str, bytes)):
        # One level below will do: plt.subplots() gives (figure, array), plt.hist() numbers first.
        nested = [item for value in shown[:100] for item in (value if _is_many(value) else [value])]
        return list(islice(nested, 1000))
    return [shown]


def _is_many(value: object) -> bool:
    return isinstance(value, (list, tuple, Container))
