"""Exercise last_outputs: the last real output of each sequence."""

import torch

from exercises._samples import floats, integers
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

LAST_OUTPUTS = Exercise(
    chapter="03",
    signature="last_outputs(outputs, lengths)",
    title="the last real output of each sequence",
    prompt="""
        A recurrent layer has read a padded batch of sequences. Write
        `last_outputs(outputs, lengths)`: for each sequence the output at its last *real*
        step, before the padding begins. No loop.
    """,
    shapes="outputs: (batch, time, features). lengths: (batch,), int64.",
    cases=lambda: [
        (floats(3, 4, 2), torch.tensor([4, 1, 3])),
        (floats(2, 3, 3, seed=1), torch.tensor([2, 2])),
    ],
    large=lambda: (floats(40, 4, 2), integers(40, low=1, high=5)),
    model_answer="outputs[torch.arange(len(outputs)), lengths - 1]",
    why="Two index tensors side by side choose one step in each sequence.",
    hints=(
        "Steps count from 0: a sequence of length 3 ends at step 2.",
        "Chapter 01: two index tensors of equal length choose pairs of places.",
        "outputs[torch.arange(…), lengths - 1]",
    ),
    right=(
        """
        index = (lengths - 1)[:, None, None].expand(-1, 1, outputs.shape[2])
        return outputs.gather(1, index).squeeze(1)
        """,
        "outputs.take_along_dim((lengths - 1)[:, None, None], dim=1)[:, 0]",
    ),
    mistakes=(
        KnownMistake("outputs[:, -1]", "for a short sequence the last step is padding"),
        KnownMistake(
            "outputs[torch.arange(len(outputs)), lengths]",
            "steps count from 0: the last one is lengths - 1",
        ),
        KnownMistake(
            "outputs[:, lengths - 1]",
            "a colon and an index combine all sequences with all lengths; "
            "put torch.arange(len(outputs)) in place of the colon",
        ),
        KnownMistake(
            "outputs[lengths - 1, torch.arange(len(outputs))]",
            "the batch comes first in outputs, then the time",
        ),
    ),
    rejected=(
        RejectedAnswer(
            """
            pairs = zip(outputs, lengths)
            return torch.stack([sequence[length - 1] for sequence, length in pairs])
            """,
            "in a loop",
        ),
    ),
)
