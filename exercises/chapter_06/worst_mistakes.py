"""Exercise worst_mistakes: the mistakes that are surest of themselves."""

from functools import cache

import torch

from helpers import data
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


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


_WORST = """
    probabilities = scores.softmax(dim=1)
    confidence, guesses = probabilities.max(dim=1)
    wrong = (guesses != targets).nonzero()[:, 0]
    order = {order}
    return {result}
"""


def _worst(
    order: str = "confidence[wrong].argsort(descending=True)", result: str = "wrong[order][:count]"
) -> str:
    """The search with one part in another way."""
    return _WORST.format(order=order, result=result)


WORST_MISTAKES = Exercise(
    chapter="06",
    signature="worst_mistakes(scores, targets, count)",
    title="the mistakes that are surest of themselves",
    prompt="""
        Real digits, and scores of a simple classifier. Write `worst_mistakes(scores,
        targets, count)`: the places of the images that are classified wrongly, the surest
        mistake first, at most `count` of them. How sure it is of an image: the probability
        (softmax) of the class with the highest score. Places count in the whole batch.
    """,
    shapes="scores: float32 (n, 10). targets: int64 (n,). Returns int64, at most count.",
    cases=lambda: [
        _some_scores(300, 700, 8),
        _some_scores(700, 1500, 12),
        _some_scores(0, 60, 50),
        (torch.eye(10)[[3, 1, 4]] * 5, torch.tensor([3, 1, 5]), 4),  # one mistake alone
    ],
    model_answer=_worst(),
    why="The order of the mistakes is an order within the mistakes; wrong[order] turns it into "
    "places in the batch, with which you can index the images.",
    hints=(
        "scores.softmax(dim=1).max(dim=1) gives how sure it is, and of what.",
        "(guesses != targets).nonzero()[:, 0] are the places of the mistakes.",
        "Sort confidence[wrong], descending. The order counts within `wrong`: index it.",
    ),
    right=(
        """
        confidence, guesses = torch.softmax(scores, 1).max(1)
        confidence = confidence.masked_fill(guesses == targets, -1.0)
        mistakes = (guesses != targets).sum()
        return confidence.topk(min(count, int(mistakes))).indices
        """,
        """
        sure = scores.softmax(dim=1).max(dim=1).values.tolist()
        pairs = zip(scores.argmax(dim=1).tolist(), targets.tolist())
        wrong = [place for place, (guess, target) in enumerate(pairs) if guess != target]
        wrong.sort(key=lambda place: -sure[place])
        return torch.tensor(wrong[:count])
        """,
    ),
    mistakes=(
        KnownMistake(
            _worst("confidence[wrong].argsort()"),
            "the least sure come first: sort descending",
        ),
        KnownMistake(
            _worst(result="order[:count]"),
            "these places count within the mistakes; wrong[order] are those in the batch",
        ),
        KnownMistake(
            _worst("confidence.argsort(descending=True)", "order[:count]"),
            "images that are classified rightly are among them",
        ),
        KnownMistake(
            _worst("scores.max(dim=1).values[wrong].argsort(descending=True)"),
            "a high score is no probability; take the softmax first",
        ),
        KnownMistake(
            _worst("scores.softmax(dim=0).max(dim=1).values[wrong].argsort(descending=True)"),
            "dim=0 lets the images compete; each row is one image, so the softmax is along dim=1",
        ),
        KnownMistake(
            _worst(result="wrong[:count]"), "these are the first mistakes, not the surest"
        ),
        KnownMistake(
            _worst(result="wrong[order]"), "these are all mistakes; at most count was asked"
        ),
        KnownMistake(
            """
            losses = torch.nn.functional.cross_entropy(scores, targets, reduction="none")
            wrong = (scores.argmax(dim=1) != targets).nonzero()[:, 0]
            return wrong[losses[wrong].argsort(descending=True)][:count]
            """,
            "a high loss says that the right class is improbable; asked was how sure the "
            "classifier is of the wrong one",
        ),
        KnownMistake(
            """
            confidence, guesses = scores.softmax(dim=0).max(dim=1)
            wrong = (guesses != targets).nonzero()[:, 0]
            return wrong[confidence[wrong].argsort(descending=True)][:count]
            """,
            "dim=0 lets the images compete; the probabilities of one image are a row, dim=1",
        ),
        *(
            KnownMistake(
                f"""
                confidence, guesses = scores.softmax(dim=1).max(dim=1)
                confidence = confidence.masked_fill(guesses == targets, {low})
                return confidence.topk(min(count, len(scores))).indices
                """,
                "there are fewer mistakes than count, so right images came in: take at most "
                "as many as there are mistakes",
            )
            for low in ("0.0", "-1.0")
        ),
        KnownMistake(
            """
            confidence, guesses = scores.softmax(dim=1).max(dim=1)
            wrong = (guesses != targets).nonzero()[:, 0]
            return wrong[confidence[wrong].topk(count).indices]
            """,
            "topk wants no more than there are; here are fewer mistakes than count",
        ),
        KnownMistake(
            """
            confidence, guesses = scores.softmax(dim=1).max(dim=1)
            wrong = (guesses != targets).nonzero().squeeze()
            return wrong[confidence[wrong].argsort(descending=True)][:count]
            """,
            "of one mistake alone, squeeze() leaves a tensor without dimensions: squeeze(1), "
            "or [:, 0]",
        ),
    ),
    rejected=(
        RejectedAnswer("return (scores.argmax(dim=1) != targets).sum()", "shape"),
        RejectedAnswer(_worst(result="wrong[order][:count].tolist()"), "tensor"),
    ),
)
