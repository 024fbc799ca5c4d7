"""Exercises and predictions of chapter 03, nn layers."""

from exercises.chapter_03.accuracy_when_shifted import ACCURACY_WHEN_SHIFTED
from exercises.chapter_03.attention import ATTENTION
from exercises.chapter_03.batch_norm import BATCH_NORM
from exercises.chapter_03.convolve import CONVOLVE
from exercises.chapter_03.count_parameters import COUNT_PARAMETERS
from exercises.chapter_03.drop import DROP
from exercises.chapter_03.focal_loss import FOCAL_LOSS
from exercises.chapter_03.initialise import INITIALISE
from exercises.chapter_03.last_outputs import LAST_OUTPUTS
from exercises.chapter_03.middle_features import MIDDLE_FEATURES
from exercises.chapter_03.mlp import MLP
from exercises.chapter_03.output_size import OUTPUT_SIZE
from exercises.chapter_03.predictions import PREDICTIONS
from exercises.chapter_03.residual_block import RESIDUAL_BLOCK
from exercises.chapter_03.scale import SCALE
from exercises.chapter_03.stable_softmax import STABLE_SOFTMAX

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (
    SCALE,
    MLP,
    CONVOLVE,
    OUTPUT_SIZE,
    BATCH_NORM,
    DROP,
    LAST_OUTPUTS,
    ATTENTION,
    STABLE_SOFTMAX,
    FOCAL_LOSS,
    INITIALISE,
    COUNT_PARAMETERS,
    RESIDUAL_BLOCK,
    MIDDLE_FEATURES,
    ACCURACY_WHEN_SHIFTED,
)
