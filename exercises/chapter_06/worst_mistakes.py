from functools import cache

import torch

from helpers import data
from helpers.grading.exercise import Exercise, edit


@cache
def _scores() -> tuple[torch.Tensor, torch.Tensor]:
    """How near each digit is to the mean image of each class: (1797, 10), and the labels."""
    images, labels = data.digits()
    pixels = images.flatten(1).float() / 16
    means = torch.stack([pixels[labels == digit].mean(dim=0) for digit in range(10)])
    return -3 * torch.cdist(pixels, means), labels


def _some_scores(first: int, last: int, count: int) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Scores and labels of some digits, fresh copies."""
    scores, labels = _scores()
    return scores[first:last].clone(), labels[first:last].clone(), count


exercise = Exercise(
    "worst_mistakes(scores, targets, count)",
    title="the most confident mistakes",
    prompt="""
        Real digits, and scores of a simple classifier. Write `worst_mistakes(scores,
        targets, count)`: the places of the images that are classified wrongly, the surest
        mistake first, at most `count` of them. How sure it is of an image: the probability
        (softmax) of the class with the highest score. Places count in the whole batch.
    """,
    shapes="scores: float32 (n, 10). targets: int64 (n,). Returns int64, at most count.",
    cases=[
        lambda: _some_scores(300, 700, 8),
        lambda: _some_scores(700, 1500, 12),
        lambda: _some_scores(0, 60, 50),
        lambda: (torch.eye(10)[[3, 1, 4]] * 5, torch.tensor([3, 1, 5]), 4),
        lambda: (torch.eye(10)[[3]] * 5, torch.tensor([4]), 2),
    ],
    hints=(
        "scores.softmax(dim=1).max(dim=1) gives how sure it is, and of what.",
        "(guesses != targets).nonzero()[:, 0] are the places of the mistakes.",
        "Sort confidence[wrong], descending. The order counts within `wrong`: index it.",
    ),
)


@exercise.answer(
    why="The order of the mistakes is an order within the mistakes; wrong[order] turns it into "
    "places in the batch, with which you can index the images."
)
def worst_mistakes(scores, targets, count):
    probabilities = scores.softmax(dim=1)
    confidence, guesses = probabilities.max(dim=1)
    wrong = (guesses != targets).nonzero()[:, 0]
    order = confidence[wrong].argsort(descending=True)
    return wrong[order][:count]


@exercise.right
def _(scores, targets, count):
    confidence, guesses = torch.softmax(scores, 1).max(1)
    confidence = confidence.masked_fill(guesses == targets, -1.0)
    mistakes = (guesses != targets).sum()
    return confidence.topk(min(count, int(mistakes))).indices


@exercise.right
def _(scores, targets, count):
    sure = scores.softmax(dim=1).max(dim=1).values.tolist()
    pairs = zip(scores.argmax(dim=1).tolist(), targets.tolist())
    wrong = [place for place, (guess, target) in enumerate(pairs) if guess != target]
    wrong.sort(key=lambda place: -sure[place])
    return torch.tensor(wrong[:count])


exercise.mistake("the least sure come first: sort descending", edit("descending=True", ""))
exercise.mistake(
    "these places count within the mistakes; wrong[order] are those in the batch",
    edit("wrong[order]", "order"),
)
exercise.mistake(
    "images that are classified rightly are among them",
    edit("[wrong].argsort", ".argsort").edit("wrong[order]", "order"),
)
exercise.mistake(
    "a high score is no probability; take the softmax first",
    edit("confidence[wrong]", "scores.max(dim=1).values[wrong]"),
)
exercise.mistake(
    "dim=0 lets the images compete; each row is one image, so the softmax is along dim=1",
    edit("confidence[wrong]", "scores.softmax(dim=0).max(dim=1).values[wrong]"),
)
exercise.mistake(
    "these are the first mistakes, not the surest",
    edit("[order][:count]", "[:count]"),
)
exercise.mistake(
    "these are all mistakes; at most count was asked",
    edit("[order][:count]", "[order]"),
)


@exercise.mistake(
    "a high loss says that the right class is improbable; asked was how sure the classifier is "
    "of the wrong one"
)
def _(scores, targets, count):
    losses = torch.nn.functional.cross_entropy(scores, targets, reduction="none")
    wrong = (scores.argmax(dim=1) != targets).nonzero()[:, 0]
    return wrong[losses[wrong].argsort(descending=True)][:count]


exercise.mistake(
    "dim=0 lets the images compete; the probabilities of one image are a row, dim=1",
    edit("softmax(dim=1)", "softmax(dim=0)"),
)


@exercise.mistake(
    "there are fewer mistakes than count, so right images came in: take at most as many as "
    "there are mistakes"
)
def _(scores, targets, count):
    confidence, guesses = scores.softmax(dim=1).max(dim=1)
    confidence = confidence.masked_fill(guesses == targets, 0.0)
    return confidence.topk(min(count, len(scores))).indices


@exercise.mistake(
    "there are fewer mistakes than count, so right images came in: take at most as many as "
    "there are mistakes"
)
def _(scores, targets, count):
    confidence, guesses = scores.softmax(dim=1).max(dim=1)
    confidence = confidence.masked_fill(guesses == targets, -1.0)
    return confidence.topk(min(count, len(scores))).indices


exercise.mistake(
    "topk wants no more than there are; here are fewer mistakes than count",
    edit("argsort(descending=True)", "topk(count).indices").edit("[:count]", ""),
)
exercise.mistake(
    "of one mistake alone, squeeze() leaves a tensor without dimensions: squeeze(1), or [:, 0]",
    edit("nonzero()[:, 0]", "nonzero().squeeze()"),
)

exercise.rejected("shape", lambda scores, targets, count: (scores.argmax(dim=1) != targets).sum())
exercise.rejected("tensor", edit("[:count]", "[:count].tolist()"))
