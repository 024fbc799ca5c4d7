"""Exercises and predictions of chapter 00, start here."""

from exercises.chapter_00.gradient_step import GRADIENT_STEP
from exercises.chapter_00.mistakes import MISTAKES
from exercises.chapter_00.pixel_count import PIXEL_COUNT
from exercises.chapter_00.predictions import PREDICTIONS
from exercises.chapter_00.read_digit import READ_DIGIT
from exercises.chapter_00.seeded_draw import SEEDED_DRAW
from exercises.chapter_00.training_steps import TRAINING_STEPS
from exercises.chapter_00.tunnel import TUNNEL

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (
    PIXEL_COUNT,
    TRAINING_STEPS,
    GRADIENT_STEP,
    SEEDED_DRAW,
    TUNNEL,
    READ_DIGIT,
    MISTAKES,
)
