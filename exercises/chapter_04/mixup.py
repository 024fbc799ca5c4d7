"""Exercise mixup: mix each digit with a partner."""

import torch

from exercises._samples import floats
from exercises.chapter_04._shared import as_tuple
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

_MIX = """
    part = {part}
    mixed = part * inputs + (1 - part) * inputs[partners]
    whole = {whole}
    return mixed, whole * targets + (1 - whole) * targets{partners}
"""


def _mix(
    part: str = "share[:, None, None]",
    whole: str = "share[:, None]",
    partners: str = "[partners]",
) -> str:
    """Mixup with some of its parts replaced."""
    return _MIX.format(part=part, whole=whole, partners=partners)


MIXUP = Exercise(
    chapter="04",
    signature="mixup(inputs, targets, partners, share)",
    title="mix each digit with a partner",
    prompt="""
        Write `mixup(inputs, targets, partners, share)`. Image `i` is mixed with image
        `partners[i]`: `share[i]` of its own pixels, and `1 - share[i]` of the partner's.
        The targets, rows of probabilities, are mixed with the same shares. Each image has
        its own share. Return the mixed images and the mixed targets, without a loop.
    """,
    shapes="inputs: (n, 8, 8). targets: (n, classes). partners, share: (n,). Returns two.",
    cases=lambda: [
        (
            floats(3, 8, 8),
            torch.eye(4)[[2, 0, 1]],
            torch.tensor([1, 2, 0]),
            torch.tensor([0.9, 0.5, 0.25]),
        ),
        (
            floats(8, 8, 8, seed=1),
            torch.eye(8),
            torch.arange(8).flip(0),
            torch.linspace(0.1, 1.0, 8),
        ),
    ],
    large=lambda: (floats(40, 8, 8), torch.eye(40), torch.arange(40), torch.rand(40)),
    canonical=as_tuple,
    model_answer=_mix(),
    why="The share needs one dimension for each that it is to be stretched along.",
    hints=(
        "inputs[partners] are the partners, in the right order.",
        "share has shape (n,); to meet (n, 8, 8) it needs two dimensions more, at its end.",
        "share[:, None, None] for the images, share[:, None] for the targets",
    ),
    right=(
        """
        mixed = torch.lerp(inputs[partners], inputs, share.reshape(-1, 1, 1))
        return mixed, torch.lerp(targets[partners], targets, share.unsqueeze(1))
        """,
        """
        def mix(tensor):
            part = share.reshape([-1] + [1] * (tensor.dim() - 1))
            return tensor[partners] + part * (tensor - tensor[partners])
        return [mix(inputs), mix(targets)]
        """,
    ),
    mistakes=(
        KnownMistake(
            _mix(part="share.mean()", whole="share.mean()"),
            "each image has a share of its own; here all have the same",
        ),
        KnownMistake(
            _mix(part="share[0]", whole="share[0]"),
            "each image has a share of its own; here all have that of the first",
        ),
        KnownMistake(
            _mix(partners=""), "the targets are not mixed: the partner's target is missing"
        ),
        KnownMistake(
            _mix(part="1 - share[:, None, None]", whole="1 - share[:, None]"),
            "share is the part of the image itself, 1 - share that of its partner",
        ),
        KnownMistake(
            _mix(part="share[:, None, None]", whole="(1 - share)[:, None]"),
            "images and targets are mixed with opposite shares",
        ),
        KnownMistake(
            _mix(part="share"),
            "a share of shape (n,) meets the last dimension; it belongs to the first: "
            "share[:, None, None]",
        ),
        KnownMistake(
            _mix(part="share[:, None]"),
            "a share of shape (n, 1) meets the rows of pixels; it belongs to the images: "
            "share[:, None, None]",
        ),
    ),
    rejected=(
        RejectedAnswer(
            """
            images, rows = torch.zeros_like(inputs), torch.zeros_like(targets)
            for i, (other, part) in enumerate(zip(partners, share)):
                images[i] = part * inputs[i] + (1 - part) * inputs[other]
                rows[i] = part * targets[i] + (1 - part) * targets[other]
            return images, rows
            """,
            "in a loop",
        ),
    ),
)
