"""Exercises and predictions of chapter 04, training."""

from exercises.chapter_04.accumulate import ACCUMULATE
from exercises.chapter_04.adam_step import ADAM_STEP
from exercises.chapter_04.best_epoch import BEST_EPOCH
from exercises.chapter_04.clip_together import CLIP_TOGETHER
from exercises.chapter_04.decay_groups import DECAY_GROUPS
from exercises.chapter_04.l1_penalty import L1_PENALTY
from exercises.chapter_04.mixup import MIXUP
from exercises.chapter_04.moved import MOVED
from exercises.chapter_04.per_class import PER_CLASS
from exercises.chapter_04.predictions import PREDICTIONS
from exercises.chapter_04.rate_factor import RATE_FACTOR
from exercises.chapter_04.smooth_targets import SMOOTH_TARGETS
from exercises.chapter_04.suggest_rate import SUGGEST_RATE
from exercises.chapter_04.train_epoch import TRAIN_EPOCH
from exercises.chapter_04.validate import VALIDATE

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (
    TRAIN_EPOCH,
    ADAM_STEP,
    DECAY_GROUPS,
    RATE_FACTOR,
    SUGGEST_RATE,
    L1_PENALTY,
    BEST_EPOCH,
    CLIP_TOGETHER,
    SMOOTH_TARGETS,
    MIXUP,
    ACCUMULATE,
    PER_CLASS,
    VALIDATE,
    MOVED,
)
