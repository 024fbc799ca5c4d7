"""How long a learner waits for a check, right and wrong, against the answer's own time.

    python -m benchmarks.checks

Each exercise is graded `REPEATS` times with its model answer and with its first typical
mistake. The table has a row for each chapter: the median over the exercises and the
slowest one. A check is meant to answer in under 100 ms.
"""

import statistics
from collections.abc import Callable

import exercises
from benchmarks._clock import median_seconds
from helpers.grading.exercise import Exercise
from helpers.grading.grade import grade

REPEATS = 7


def milliseconds(call: Callable[[], object]) -> float:
    """Return the median time of a call over `REPEATS` calls."""
    return 1e3 * median_seconds(call, REPEATS)


def bare(exercise: Exercise) -> float:
    """Return how long the model answer itself takes on all cases."""
    answer = exercise.run(exercise.model_answer)
    if exercise.asks_for_value:
        return milliseconds(lambda: exercise.run(exercise.model_answer))
    with exercise.context():
        indices = range(exercise.case_count)
        return milliseconds(lambda: [answer(*exercise.case(index)) for index in indices])


def checked(exercise: Exercise, code: str) -> float:
    """Return how long it takes to grade an answer."""
    answer = exercise.run(code)
    return milliseconds(lambda: grade(exercise, answer))


def main() -> None:
    """Print one table, a row for each chapter."""
    print("chapter   exercises   right   wrong   slowest (exercise)          checked / bare")
    for number in exercises.numbers():
        rows = []
        for exercise in exercises.chapter(number).exercises:
            mistake = (*exercise.mistakes, *exercise.rejected_answers)[0].code
            right, wrong = checked(exercise, exercise.model_answer), checked(exercise, mistake)
            rows.append((right, wrong, exercise.name, right / bare(exercise)))
        slowest = max(rows, key=lambda row: max(row[:2]))
        right, wrong = (statistics.median(row[i] for row in rows) for i in (0, 1))
        ratio = statistics.median(row[3] for row in rows)
        print(
            f"{number:<10}{len(rows):>9}{right:>8.1f}{wrong:>8.1f}{max(slowest[:2]):>10.1f}"
            f" ({slowest[2]}){' ' * (22 - len(slowest[2]))}{ratio:>8.1f}"
        )
    print("times in milliseconds")


if __name__ == "__main__":
    main()
