"""Exercises and predictions of chapter 05, data loading."""

from exercises.chapter_05.batches_by_hand import BATCHES_BY_HAND
from exercises.chapter_05.build_vocabulary import BUILD_VOCABULARY
from exercises.chapter_05.collate_with_mask import COLLATE_WITH_MASK
from exercises.chapter_05.cut_windows import CUT_WINDOWS
from exercises.chapter_05.deal_out import DEAL_OUT
from exercises.chapter_05.flip_boxes import FLIP_BOXES
from exercises.chapter_05.join_statistics import JOIN_STATISTICS
from exercises.chapter_05.only_digit import ONLY_DIGIT
from exercises.chapter_05.predictions import PREDICTIONS
from exercises.chapter_05.read_folder import READ_FOLDER
from exercises.chapter_05.recall import RECALL
from exercises.chapter_05.split_by_class import SPLIT_BY_CLASS
from exercises.chapter_05.to_picture import TO_PICTURE
from exercises.chapter_05.weights_for import WEIGHTS_FOR

__all__ = ["EXERCISES", "PREDICTIONS"]

EXERCISES = (
    ONLY_DIGIT,
    BATCHES_BY_HAND,
    COLLATE_WITH_MASK,
    WEIGHTS_FOR,
    SPLIT_BY_CLASS,
    DEAL_OUT,
    TO_PICTURE,
    FLIP_BOXES,
    JOIN_STATISTICS,
    BUILD_VOCABULARY,
    CUT_WINDOWS,
    READ_FOLDER,
    RECALL,
)
