"""Exercise output_size: how large is the result?."""

from helpers.grading.exercise import Exercise, KnownMistake

OUTPUT_SIZE = Exercise(
    chapter="03",
    signature="output_size(size, kernel, stride, padding, dilation)",
    title="how large is the result?",
    prompt="""
        Write `output_size(size, kernel, stride, padding, dilation)`: how many pixels does
        a convolution leave of `size` pixels, along one dimension? All are whole numbers.
    """,
    shapes="All arguments: int. Returns an int.",
    cases=lambda: [
        (32, 3, 1, 0, 4),
        (28, 3, 1, 0, 1),
        (28, 5, 1, 2, 1),
        (28, 5, 2, 2, 1),
        (17, 3, 2, 0, 1),
        (33, 3, 2, 3, 2),
    ],
    model_answer="""
        reach = dilation * (kernel - 1) + 1
        return (size + 2 * padding - reach) // stride + 1
    """,
    why="A first position fits, and then one more for each whole stride that is left.",
    hints=(
        "How far does the kernel reach? With dilation there are gaps between its places.",
        "reach = dilation * (kernel - 1) + 1, and padding is added on both sides.",
        "(size + 2 * padding - reach) // stride + …",
    ),
    right=(
        "int((size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)",
        "len(range(0, size + 2 * padding - dilation * (kernel - 1), stride))",
        """
        layer = nn.Conv1d(1, 1, kernel, stride, padding, dilation)
        return layer(torch.zeros(1, 1, size)).shape[-1]
        """,
    ),
    mistakes=(
        KnownMistake(
            "(size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1",
            "/ gives a decimal number; positions are counted in whole strides: //",
        ),
        KnownMistake(
            "(size + 2 * padding - dilation * (kernel - 1) - 1) // stride",
            "the first position was not counted: + 1",
        ),
        KnownMistake(
            "(size + padding - dilation * (kernel - 1) - 1) // stride + 1",
            "the padding is added on both sides: 2 * padding",
        ),
        KnownMistake(
            "(size + 2 * padding - kernel) // stride + 1",
            "dilation is missing: the kernel reaches over dilation * (kernel - 1) + 1",
        ),
        KnownMistake(
            "(size + 2 * padding - dilation * kernel) // stride + 1",
            "three places have two gaps: the reach is dilation * (kernel - 1) + 1",
        ),
    ),
)
