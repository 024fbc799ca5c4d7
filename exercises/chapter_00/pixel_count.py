"""Exercise pixel_count: count the pixels."""

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

PIXEL_COUNT = Exercise(
    chapter="00",
    signature="pixel_count(height, width)",
    title="count the pixels",
    prompt="""
        A grey image of `height` rows and `width` columns has one number for each pixel.
        Write `pixel_count(height, width)`: how many numbers are these? Replace the three
        dots by your answer, and run the cell.
    """,
    shapes="height, width: int. Returns an int.",
    cases=lambda: [(8, 8), (427, 640)],
    model_answer="height * width",
    why="Each of the rows has `width` pixels.",
    hints=(
        "An image with 2 rows of 3 pixels each has 6 pixels.",
        "Rows times columns.",
        "height * …",
    ),
    right=(
        "width * height",
        "torch.zeros(height, width).numel()",
        "sum(width for row in range(height))",
    ),
    mistakes=(
        KnownMistake("height + width", "you added; each of the rows has `width` pixels: multiply"),
        KnownMistake("2 * (height + width)", "this is the way around the image"),
        KnownMistake("height * height", "this is right for a square image only; use width"),
    ),
    rejected=(
        RejectedAnswer("pixels = height * width", "a function without `return` gives"),
        RejectedAnswer("float(height * width)", "the type is float; int was asked for"),
        RejectedAnswer("heigth * width", "NameError"),
    ),
)
