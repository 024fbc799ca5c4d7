import torch

from exercises._canonical import as_tuple
from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "mixup(inputs, targets, partners, share)",
    title="mix each digit with a partner",
    prompt="""
        Write `mixup(inputs, targets, partners, share)`. Image `i` is mixed with image
        `partners[i]`: `share[i]` of its own pixels, and `1 - share[i]` of the partner's.
        The targets, rows of probabilities, are mixed with the same shares. Each image has
        its own share. Return the mixed images and the mixed targets, without a loop.
    """,
    shapes="inputs: (n, 8, 8). targets: (n, classes). partners, share: (n,). Returns two.",
    cases=[
        lambda: (
            floats(3, 8, 8),
            torch.eye(4)[[2, 0, 1]],
            torch.tensor([1, 2, 0]),
            torch.tensor([0.9, 0.5, 0.25]),
        ),
        lambda: (
            floats(8, 8, 8, seed=1),
            torch.eye(8),
            torch.arange(8).flip(0),
            torch.linspace(0.1, 1.0, 8),
        ),
        lambda: (
            floats(1, 8, 8, seed=2),
            torch.eye(4)[[2]],
            torch.tensor([0]),
            torch.tensor([0.7]),
        ),
        lambda: (
            floats(3, 8, 8, seed=3),
            torch.ones(3, 1),
            torch.tensor([1, 2, 0]),
            torch.tensor([0.2, 0.6, 0.9]),
        ),
    ],
    large=lambda: (floats(40, 8, 8), torch.eye(40), torch.arange(40), torch.rand(40)),
    canonical=as_tuple,
    hints=(
        "inputs[partners] are the partners, in the right order.",
        "share has shape (n,); to meet (n, 8, 8) it needs two dimensions more, at its end.",
        "share[:, None, None] for the images, share[:, None] for the targets",
    ),
)


@exercise.answer(why="The share needs one dimension for each that it is to be stretched along.")
def mixup(inputs, targets, partners, share):
    part = share[:, None, None]
    mixed = part * inputs + (1 - part) * inputs[partners]
    whole = share[:, None]
    return mixed, whole * targets + (1 - whole) * targets[partners]


@exercise.right
def _(inputs, targets, partners, share):
    mixed = torch.lerp(inputs[partners], inputs, share.reshape(-1, 1, 1))
    return mixed, torch.lerp(targets[partners], targets, share.unsqueeze(1))


@exercise.right
def _(inputs, targets, partners, share):
    def mix(tensor):
        part = share.reshape([-1] + [1] * (tensor.dim() - 1))
        return tensor[partners] + part * (tensor - tensor[partners])

    return [mix(inputs), mix(targets)]


exercise.mistake(
    "each image has a share of its own; here all have the same",
    edit("share[:, None, None]", "share.mean()").edit("share[:, None]", "share.mean()"),
)
exercise.mistake(
    "each image has a share of its own; here all have that of the first",
    edit("share[:, None, None]", "share[0]").edit("share[:, None]", "share[0]"),
)
exercise.mistake(
    "the targets are not mixed: the partner's target is missing",
    edit("targets[partners]", "targets"),
)
exercise.mistake(
    "share is the part of the image itself, 1 - share that of its partner",
    edit("part = ", "part = 1 - ").edit("whole = ", "whole = 1 - "),
)
exercise.mistake(
    "images and targets are mixed with opposite shares",
    edit("whole = share", "whole = 1 - share"),
)
exercise.mistake(
    "a share of shape (n,) meets the last dimension; it belongs to the first: share[:, None, None]",
    edit("share[:, None, None]", "share"),
)
exercise.mistake(
    "a share of shape (n, 1) meets the rows of pixels; it belongs to the images: share[:, None, "
    "None]",
    edit("share[:, None, None]", "share[:, None]"),
)


@exercise.rejected("in a loop")
def _(inputs, targets, partners, share):
    images, rows = torch.zeros_like(inputs), torch.zeros_like(targets)
    for i, (other, part) in enumerate(zip(partners, share)):
        images[i] = part * inputs[i] + (1 - part) * inputs[other]
        rows[i] = part * targets[i] + (1 - part) * targets[other]
    return images, rows
