"""accuracy and correct: the right number, or a sentence, for each kind of targets."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional

from helpers import train

SCORES = torch.eye(3)[[0, 1, 2, 0]] * 9


def test_ignored_targets_do_not_count() -> None:
    targets = torch.tensor([0, 2, -100, -100])
    assert train.accuracy(SCORES, targets).item() == 0.5
    assert train.correct(SCORES, targets).item() == 1
    found = train.evaluate(nn.Identity(), [(SCORES, targets)], nn.CrossEntropyLoss())
    assert found["accuracy"] == 0.5


@pytest.mark.parametrize("metric", [train.accuracy, train.correct])
def test_the_mean_is_over_the_targets_that_count_in_all_batches(metric) -> None:
    """One of three in the first batch, one of one in the second."""
    batches = [
        (SCORES, torch.tensor([0, 0, -100, 1])),
        (SCORES, torch.tensor([-100, 1, -100, -100])),
    ]
    found = train.evaluate(nn.Identity(), batches, nn.CrossEntropyLoss(), {"share": metric})
    assert found["share"] == 0.5


@pytest.mark.parametrize("ignore_index", [0, 255, -1])
def test_the_losses_own_ignore_index_counts(ignore_index: int) -> None:
    targets = torch.tensor([ignore_index, 1, 1, ignore_index])
    loss = nn.CrossEntropyLoss(ignore_index=ignore_index)
    assert train.evaluate(nn.Identity(), [(SCORES, targets)], loss)["accuracy"] == 0.5
    assert train.accuracy(SCORES, targets, ignore_index).item() == 0.5
    mine = {"mine": partial(train.accuracy, ignore_index=ignore_index)}
    named = partial(functional.cross_entropy, ignore_index=ignore_index)
    found = train.evaluate(nn.Identity(), [(SCORES, targets)], named, mine)
    assert found["mine"] == 0.5


def test_pixels_are_counted_without_the_ignored_ones() -> None:
    scores = torch.eye(2)[torch.tensor([[0, 1], [1, 1]])].permute(2, 0, 1)[None]
    targets = torch.tensor([[[0, 1], [0, -100]]])
    assert train.accuracy(scores, targets).item() == pytest.approx(2 / 3)
    assert train.correct(scores, targets).item() == pytest.approx(2 / 3)


def test_one_hot_and_soft_targets_are_read_by_their_highest() -> None:
    one_hot = functional.one_hot(torch.tensor([0, 1, 2, 1]), 3)
    soft = torch.tensor([[0.8, 0.1, 0.1], [0.3, 0.3, 0.4], [0, 0, 1.0], [0.5, 0.4, 0.1]])
    assert train.accuracy(SCORES, one_hot).item() == 0.75
    assert train.accuracy(SCORES, one_hot.bool()).item() == 0.75
    assert train.accuracy(SCORES, soft).item() == 0.75
    assert train.accuracy(SCORES.bfloat16(), soft.bfloat16()).item() == 0.75


@pytest.mark.parametrize(
    ("scores", "targets", "words"),
    [
        (SCORES, torch.tensor([[1.0, 1, 0]] * 4), "several labels a sample"),
        (SCORES, torch.zeros(4, 3), "several labels a sample"),
        (SCORES, torch.tensor([0, 1, 2, 3]), r"target 3 beside scores of 3 classes; .*0 to 2"),
        (SCORES, torch.tensor([0, 1, 2, -1]), r"target -1 .*ignore_index"),
        (SCORES, torch.tensor([0.0, 1, 2, 0]), r"dtype torch.float32; .*targets.long\(\)"),
        (SCORES, torch.tensor([True] * 4), "dtype torch.bool"),
        (SCORES, torch.full((4,), -100), "none counts"),
        (SCORES[:0], torch.zeros(0, dtype=torch.long), "none counts|empty batch"),
        (SCORES * 1j, torch.zeros(4, dtype=torch.long), "dense, real"),
        (SCORES.to_sparse(), torch.zeros(4, dtype=torch.long), "dense, real"),
        (SCORES.to("meta"), torch.zeros(4, dtype=torch.long), "'meta', which hold no numbers"),
        (torch.tensor(1.0), torch.tensor(0), "expects scores"),
        (SCORES[0], torch.tensor(0), "expects scores"),
        (torch.zeros(2, 3, 4, 4), torch.zeros(2, 4, dtype=torch.long), "expects scores"),
    ],
)
def test_what_cannot_be_counted_is_refused(scores, targets, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        train.accuracy(scores, targets)


def test_targets_of_any_integer_dtype_count() -> None:
    for dtype in (torch.uint8, torch.int8, torch.int16, torch.int32):
        assert train.correct(SCORES, torch.tensor([0, 1, 1, 0], dtype=dtype)).item() == 3


def test_nothing_that_counts_in_a_whole_loader_is_said() -> None:
    with pytest.raises(ValueError, match="no target that loader gave counts"):
        train.evaluate(nn.Identity(), [(SCORES, torch.full((4,), -100))], nn.CrossEntropyLoss())
