"""Exercise student_loss: a gradient for one side only."""

from exercises.chapter_02._shared import numbers
from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

STUDENT_LOSS = Exercise(
    chapter="02",
    signature="student_loss(student, teacher)",
    title="a gradient for one side only",
    prompt="""
        A student network imitates a teacher. Write `student_loss(student, teacher)`: the
        mean of the squared differences of their outputs. The gradient must flow to the
        student only: the teacher is not to imitate the student.
    """,
    shapes="student, teacher: the same shape, both require a gradient. Returns 0-d.",
    cases=lambda: [
        (numbers(3, seed=1, gradient=True), numbers(3, seed=2, gradient=True)),
        (numbers(2, 2, seed=3, gradient=True), numbers(2, 2, seed=4, gradient=True)),
    ],
    model_answer="(student - teacher.detach()).pow(2).mean()",
    why="detach() hands on the values and ends the graph there.",
    hints=(
        "One of the two must enter the calculation as a constant.",
        "teacher.detach() has the same values and no graph.",
        "(student - …).pow(2).mean()",
    ),
    right=(
        "F.mse_loss(student, teacher.detach())",
        """
        with torch.no_grad():
            target = teacher.clone()
        return ((student - target) ** 2).mean()
        """,
    ),
    mistakes=(
        KnownMistake(
            "(student - teacher).pow(2).mean()",
            "the gradient flows to the teacher too; use teacher.detach()",
        ),
        KnownMistake(
            "(student.detach() - teacher).pow(2).mean()",
            "the wrong one is detached: now only the teacher would learn",
        ),
        KnownMistake(
            "(student - teacher).detach().pow(2).mean()",
            "detached too late: the student gets no gradient either",
        ),
        KnownMistake(
            "(student - teacher.detach()).pow(2).sum()", "the sum; the mean was asked for"
        ),
        KnownMistake("(student - teacher.detach()).mean()", "the square is missing"),
    ),
    rejected=(
        RejectedAnswer(
            """
            teacher.requires_grad_(False)
            return (student - teacher).pow(2).mean()
            """,
            "changed whether its input carries a gradient",
        ),
    ),
)
