import torch
from torch import nn

from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "output_size(size, kernel, stride, padding, dilation)",
    title="how large is the result?",
    prompt="""
        Write `output_size(size, kernel, stride, padding, dilation)`: how many pixels does
        a convolution leave of `size` pixels, along one dimension? All are whole numbers.
    """,
    shapes="All arguments: int. Returns an int.",
    cases=[
        lambda: (32, 3, 1, 0, 4),
        lambda: (28, 3, 1, 0, 1),
        lambda: (28, 5, 1, 2, 1),
        lambda: (28, 5, 2, 2, 1),
        lambda: (17, 3, 2, 0, 1),
        lambda: (33, 3, 2, 3, 2),
    ],
    hints=(
        "How far does the kernel reach? With dilation there are gaps between its places.",
        "reach = dilation * (kernel - 1) + 1, and padding is added on both sides.",
        "(size + 2 * padding - reach) // stride + …",
    ),
)


@exercise.answer(why="A first position fits, and then one more for each whole stride that is left.")
def output_size(size, kernel, stride, padding, dilation):
    reach = dilation * (kernel - 1) + 1
    return (size + 2 * padding - reach) // stride + 1


@exercise.right
def _(size, kernel, stride, padding, dilation):
    return int((size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)


@exercise.right
def _(size, kernel, stride, padding, dilation):
    return len(range(0, size + 2 * padding - dilation * (kernel - 1), stride))


@exercise.right
def _(size, kernel, stride, padding, dilation):
    layer = nn.Conv1d(1, 1, kernel, stride, padding, dilation)
    return layer(torch.zeros(1, 1, size)).shape[-1]


exercise.mistake(
    "/ gives a decimal number; positions are counted in whole strides: //",
    edit("// stride", "/ stride"),
)
exercise.mistake("the first position was not counted: + 1", edit("// stride + 1", "// stride"))
exercise.mistake("the padding is added on both sides: 2 * padding", edit("2 * padding", "padding"))
exercise.mistake(
    "dilation is missing: the kernel reaches over dilation * (kernel - 1) + 1",
    edit("dilation * (kernel - 1) + 1", "kernel"),
)
exercise.mistake(
    "three places have two gaps: the reach is dilation * (kernel - 1) + 1",
    edit("(kernel - 1) + 1", "kernel"),
)
