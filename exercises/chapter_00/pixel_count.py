import torch

from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "pixel_count(height, width)",
    title="count the pixels",
    prompt="""
        A grey image of `height` rows and `width` columns has one number for each pixel.
        Write `pixel_count(height, width)`: how many numbers are these? Replace the three
        dots by your answer, and run the cell.
    """,
    shapes="height, width: int. Returns an int.",
    cases=[lambda: (8, 8), lambda: (427, 640)],
    hints=(
        "An image with 2 rows of 3 pixels each has 6 pixels.",
        "Rows times columns.",
        "height * …",
    ),
)


@exercise.answer(why="Each of the rows has `width` pixels.")
def pixel_count(height, width):
    return height * width


exercise.right(lambda height, width: width * height)
exercise.right(lambda height, width: torch.zeros(height, width).numel())
exercise.right(lambda height, width: sum(width for row in range(height)))

exercise.mistake(
    "you added; each of the rows has `width` pixels: multiply",
    edit("* width", "+ width"),
)
exercise.mistake("this is the way around the image", lambda height, width: 2 * (height + width))
exercise.mistake("this is right for a square image only; use width", edit("width", "height"))

exercise.rejected("a function without `return` gives", edit("return", "pixels ="))
exercise.rejected(
    "the type is float; int was asked for",
    lambda height, width: float(height * width),
)
exercise.rejected("NameError", edit("height", "heigth"))
