import torch
from torch.nn import functional as F

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "student_loss(student, teacher)",
    title="a gradient for one side only",
    prompt="""
        A student network imitates a teacher. Write `student_loss(student, teacher)`: the
        mean of the squared differences of their outputs. The gradient must flow to the
        student only: the teacher is not to imitate the student.
    """,
    shapes="student, teacher: the same shape, both require a gradient. Returns 0-d.",
    cases=[
        lambda: (numbers(3, seed=1, gradient=True), numbers(3, seed=2, gradient=True)),
        lambda: (numbers(2, 2, seed=3, gradient=True), numbers(2, 2, seed=4, gradient=True)),
        lambda: (numbers(3, 1, seed=5, gradient=True), numbers(3, 1, seed=6, gradient=True)),
    ],
    hints=(
        "One of the two must enter the calculation as a constant.",
        "teacher.detach() has the same values and no graph.",
        "(student - …).pow(2).mean()",
    ),
)


@exercise.answer(why="detach() hands on the values and ends the graph there.")
def student_loss(student, teacher):
    return (student - teacher.detach()).pow(2).mean()


exercise.right(lambda student, teacher: F.mse_loss(student, teacher.detach()))


@exercise.right
def _(student, teacher):
    with torch.no_grad():
        target = teacher.clone()
    return ((student - target) ** 2).mean()


exercise.mistake(
    "the gradient flows to the teacher too; use teacher.detach()",
    edit("teacher.detach()", "teacher"),
)
exercise.mistake(
    "the wrong one is detached: now only the teacher would learn",
    lambda student, teacher: (student.detach() - teacher).pow(2).mean(),
)
exercise.mistake(
    "detached too late: the student gets no gradient either",
    lambda student, teacher: (student - teacher).detach().pow(2).mean(),
)
exercise.mistake("the sum; the mean was asked for", edit("mean", "sum"))
exercise.mistake("the square is missing", edit(".pow(2)", ""))


@exercise.rejected("changed whether its input carries a gradient")
def _(student, teacher):
    teacher.requires_grad_(False)
    return (student - teacher).pow(2).mean()
