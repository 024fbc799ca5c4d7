"""Exercises and predictions of chapter 01, tensors."""

from exercises.chapter_01.accuracy import ACCURACY
from exercises.chapter_01.channels_first import CHANNELS_FIRST
from exercises.chapter_01.chosen_scores import CHOSEN_SCORES
from exercises.chapter_01.differences import DIFFERENCES
from exercises.chapter_01.dominant_period import DOMINANT_PERIOD
from exercises.chapter_01.every_other_column import EVERY_OTHER_COLUMN
from exercises.chapter_01.fit_line import FIT_LINE
from exercises.chapter_01.grid import GRID
from exercises.chapter_01.nearest import NEAREST
from exercises.chapter_01.one_hot import ONE_HOT
from exercises.chapter_01.predictions import PREDICTIONS
from exercises.chapter_01.row_shares import ROW_SHARES
from exercises.chapter_01.snapshot import SNAPSHOT
from exercises.chapter_01.stack_channels import STACK_CHANNELS
from exercises.chapter_01.standardise import STANDARDISE
from exercises.chapter_01.storage_position import STORAGE_POSITION
from exercises.chapter_01.to_unit_range import TO_UNIT_RANGE
from exercises.chapter_01.without_negatives import WITHOUT_NEGATIVES

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (
    GRID,
    TO_UNIT_RANGE,
    STORAGE_POSITION,
    CHANNELS_FIRST,
    EVERY_OTHER_COLUMN,
    WITHOUT_NEGATIVES,
    ACCURACY,
    CHOSEN_SCORES,
    ONE_HOT,
    STACK_CHANNELS,
    DIFFERENCES,
    ROW_SHARES,
    FIT_LINE,
    SNAPSHOT,
    DOMINANT_PERIOD,
    STANDARDISE,
    NEAREST,
)
