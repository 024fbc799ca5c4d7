import torch

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "last_outputs(outputs, lengths)",
    title="the last real outputs",
    prompt="""
        A recurrent layer has read a padded batch of sequences. Write
        `last_outputs(outputs, lengths)`: for each sequence the output at its last *real*
        step, before the padding begins. No loop.
    """,
    shapes="outputs: (batch, time, features). lengths: (batch,), int64.",
    cases=[
        lambda: (floats(3, 4, 2), torch.tensor([4, 1, 3])),
        lambda: (floats(2, 3, 3, seed=1), torch.tensor([2, 2])),
        lambda: (floats(1, 4, 2, seed=2), torch.tensor([3])),
        lambda: (floats(3, 4, 1, seed=3), torch.tensor([2, 4, 1])),
        lambda: (floats(2, 1, 3, seed=4), torch.tensor([1, 1])),
    ],
    large=lambda: (floats(40, 4, 2), integers(40, low=1, high=5)),
    hints=(
        "Steps count from 0: a sequence of length 3 ends at step 2.",
        "Chapter 01: two index tensors of equal length choose pairs of places.",
        "outputs[torch.arange(…), lengths - 1]",
    ),
)


@exercise.answer(why="Two index tensors side by side choose one step in each sequence.")
def last_outputs(outputs, lengths):
    return outputs[torch.arange(len(outputs)), lengths - 1]


@exercise.right
def _(outputs, lengths):
    index = (lengths - 1)[:, None, None].expand(-1, 1, outputs.shape[2])
    return outputs.gather(1, index).squeeze(1)


exercise.right(
    lambda outputs, lengths: outputs.take_along_dim((lengths - 1)[:, None, None], dim=1)[:, 0]
)

exercise.mistake(
    "for a short sequence the last step is padding",
    lambda outputs, lengths: outputs[:, -1],
)
exercise.mistake("steps count from 0: the last one is lengths - 1", edit("lengths - 1", "lengths"))
exercise.mistake(
    "a colon and an index combine all sequences with all lengths; put "
    "torch.arange(len(outputs)) in place of the colon",
    lambda outputs, lengths: outputs[:, lengths - 1],
)
exercise.mistake(
    "squeeze() without a dimension also removes a batch of one, or a single feature: squeeze(1)",
    lambda outputs, lengths: outputs.gather(
        1, (lengths - 1).view(-1, 1, 1).expand(-1, 1, outputs.shape[2])
    ).squeeze(),
)
exercise.mistake(
    "the batch comes first in outputs, then the time",
    lambda outputs, lengths: outputs[lengths - 1, torch.arange(len(outputs))],
)


@exercise.rejected("in a loop")
def _(outputs, lengths):
    pairs = zip(outputs, lengths)
    return torch.stack([sequence[length - 1] for sequence, length in pairs])
