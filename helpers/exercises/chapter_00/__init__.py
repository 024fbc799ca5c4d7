"""Exercises and predictions of chapter 00, start here."""

from helpers.exercises.chapter_00.gradient_step import GRADIENT_STEP
from helpers.exercises.chapter_00.mistakes import MISTAKES
from helpers.exercises.chapter_00.pixel_count import PIXEL_COUNT
from helpers.exercises.chapter_00.predictions import PREDICTIONS
from helpers.exercises.chapter_00.read_digit import READ_DIGIT
from helpers.exercises.chapter_00.seeded_draw import SEEDED_DRAW
from helpers.exercises.chapter_00.training_steps import TRAINING_STEPS
from helpers.exercises.chapter_00.tunnel import TUNNEL

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
