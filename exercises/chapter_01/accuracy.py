import torch

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

_ACCURACY_SCORES = torch.tensor(
    [[0.1, 0.7, 0.2, 0.0], [0.6, 0.3, 0.1, 0.0], [0.2, 0.1, 0.5, 0.2], [0.1, 0.0, 0.3, 0.6]]
)

exercise = Exercise(
    "accuracy(scores, labels)",
    title="accuracy",
    prompt="""
        Write `accuracy(scores, labels)`: the share of samples whose largest score stands
        in the column of the label, as a `float` of Python from 0 to 1.
    """,
    shapes="scores: (samples, classes). labels: (samples,), int64. Returns a float.",
    cases=[
        lambda: (_ACCURACY_SCORES.clone(), torch.tensor([1, 0, 2, 0])),
        lambda: (floats(3, 5, seed=4), torch.tensor([0, 4, 1])),
        lambda: (torch.eye(3), torch.tensor([0, 1, 2])),
        lambda: (floats(1, 4, seed=2), torch.tensor([1])),
        lambda: (floats(3, 1, seed=5), torch.tensor([0, 0, 0])),
    ],
    hints=(
        "First the class of the largest score in each row.",
        "Comparing with labels gives booleans; as floats their mean is the share.",
        "(scores.argmax(dim=1) == labels).float()… and a number out of the tensor",
    ),
)


@exercise.answer(why="argmax along dim 1 gives one class a row; a mean of 0s and 1s is a share.")
def accuracy(scores, labels):
    return (scores.argmax(dim=1) == labels).float().mean().item()


exercise.right(
    lambda scores, labels: (scores.max(dim=1).indices == labels).sum().item() / len(labels)
)
exercise.right(
    lambda scores, labels: float((scores.topk(1).indices[:, 0] == labels).double().mean())
)

exercise.mistake(
    "dim=0 finds the best sample for each class; dim=1 the best class",
    edit("dim=1", "dim=0"),
)
exercise.mistake(
    "this is a count; divide by the number of samples",
    lambda scores, labels: float((scores.argmax(dim=1) == labels).sum()),
)
exercise.mistake(
    "argmax without dim= looks through the whole table",
    edit("argmax(dim=1)", "argmax()"),
)
exercise.mistake(
    "scores were compared with labels; it is the place of the largest that counts",
    edit("argmax(dim=1)", "max(dim=1).values"),
)
exercise.mistake(
    "max(dim=1) gives values and indices; compare its .indices, or use argmax",
    edit("argmax", "max"),
)
exercise.mistake(
    "this is in percent; a share from 0 to 1 was asked for",
    edit("return", "return 100 *"),
)
exercise.mistake("this is a count; divide by the number of samples", edit("float().mean", "sum"))
exercise.mistake("booleans have no mean; make them float first", edit("float().mean", "mean"))

exercise.rejected("`.item()` makes it", edit("mean().item()", "mean()"))
