"""Exercises and predictions of chapter 02, autograd."""

from exercises.chapter_02.backward_order import BACKWARD_ORDER
from exercises.chapter_02.clipped import CLIPPED
from exercises.chapter_02.descend import DESCEND
from exercises.chapter_02.fit_line import FIT_LINE
from exercises.chapter_02.gradient_penalty import GRADIENT_PENALTY
from exercises.chapter_02.jacobian_table import JACOBIAN_TABLE
from exercises.chapter_02.matmul_gradients import MATMUL_GRADIENTS
from exercises.chapter_02.mse_gradient import MSE_GRADIENT
from exercises.chapter_02.multiply_gradients import MULTIPLY_GRADIENTS
from exercises.chapter_02.newton_fit import NEWTON_FIT
from exercises.chapter_02.newton_step import NEWTON_STEP
from exercises.chapter_02.per_sample_gradients import PER_SAMPLE_GRADIENTS
from exercises.chapter_02.predictions import PREDICTIONS
from exercises.chapter_02.ridge_slope import RIDGE_SLOPE
from exercises.chapter_02.safe_log import SAFE_LOG
from exercises.chapter_02.slope import SLOPE
from exercises.chapter_02.straight_through import STRAIGHT_THROUGH
from exercises.chapter_02.student_loss import STUDENT_LOSS
from exercises.chapter_02.tanh_gradient import TANH_GRADIENT
from exercises.chapter_02.unbroadcast import UNBROADCAST

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (
    SLOPE,
    MULTIPLY_GRADIENTS,
    TANH_GRADIENT,
    BACKWARD_ORDER,
    UNBROADCAST,
    MATMUL_GRADIENTS,
    DESCEND,
    JACOBIAN_TABLE,
    STUDENT_LOSS,
    CLIPPED,
    NEWTON_STEP,
    GRADIENT_PENALTY,
    STRAIGHT_THROUGH,
    SAFE_LOG,
    PER_SAMPLE_GRADIENTS,
    MSE_GRADIENT,
    RIDGE_SLOPE,
    NEWTON_FIT,
    FIT_LINE,
)
