"""Exercises and predictions of chapter 06, visdom and TensorBoard."""

from exercises.chapter_06.as_html import AS_HTML
from exercises.chapter_06.last_values import LAST_VALUES
from exercises.chapter_06.mean_logger import MEAN_LOGGER
from exercises.chapter_06.plottable import PLOTTABLE
from exercises.chapter_06.predictions import PREDICTIONS
from exercises.chapter_06.smoothed import SMOOTHED
from exercises.chapter_06.thin_places import THIN_PLACES
from exercises.chapter_06.worst_mistakes import WORST_MISTAKES

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (
    LAST_VALUES,
    PLOTTABLE,
    AS_HTML,
    THIN_PLACES,
    SMOOTHED,
    WORST_MISTAKES,
    MEAN_LOGGER,
)
