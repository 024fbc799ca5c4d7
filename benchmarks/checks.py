"""How long a learner waits for a check, right and wrong, against the answer's own time.

    python -m benchmarks.checks

Each exercise is graded `REPEATS` times with its model answer and with its first typical
mistake. The table has a row for each chapter: the median over the exercises and the
slowest one. A check is meant to answer in under 100 ms.
"""

import argparse
import statistics
from collections.abc import Callable

import exercises
from benchmarks._clock import median_seconds
from helpers.grading.exercise import Exercise
from helpers.grading.grade import grade

REPEATS = 7
SMOKE_CHAPTERS = ("00", "05")  # 05 makes folders of files for its cases


def milliseconds(call: Callable[[], object], repeats: int) -> float:
    """Return the median time of a call."""
    return 1e3 * median_seconds(call, repeats)


def bare(exercise: Exercise, repeats: int) -> float:
    """Return how long the model answer itself takes on all cases."""
    if exercise.asks_for_value:
        return milliseconds(lambda: exercise.run(exercise.model_answer), repeats)
    answer, cases = exercise.run(exercise.model_answer), range(exercise.case_count)
    with exercise.context():  # such as the folder in which a case writes its files
        return milliseconds(lambda: [answer(*exercise.case(i)) for i in cases], repeats)


def checked(exercise: Exercise, code: str, repeats: int) -> float:
    """Return how long it takes to grade an answer."""
    answer = exercise.run(code)
    return milliseconds(lambda: grade(exercise, answer), repeats)


def row(number: str, repeats: int) -> str:
    """Return the table's row for a chapter."""
    found = []
    for exercise in exercises.chapter(number).exercises:
        mistake = (*exercise.mistakes, *exercise.rejected_answers)[0].code
        right = checked(exercise, exercise.model_answer, repeats)
        wrong = checked(exercise, mistake, repeats)
        found.append((right, wrong, exercise.name, right / bare(exercise, repeats)))
    slowest = max(found, key=lambda each: max(each[:2]))
    right, wrong, ratio = (statistics.median(each[i] for each in found) for i in (0, 1, 3))
    return (
        f"{number:<10}{len(found):>9}{right:>8.1f}{wrong:>8.1f}{max(slowest[:2]):>10.1f}"
        f" ({slowest[2]}){' ' * (22 - len(slowest[2]))}{ratio:>8.1f}"
    )


def main() -> None:
    """Print one table, a row for each chapter."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checks")
    parser.add_argument("--smoke", action="store_true", help="two chapters, each check once")
    smoke = parser.parse_args().smoke
    print("chapter   exercises   right   wrong   slowest (exercise)          checked / bare")
    for number in SMOKE_CHAPTERS if smoke else exercises.numbers():
        print(row(number, repeats=1 if smoke else REPEATS), flush=True)
    print("times in milliseconds")


if __name__ == "__main__":
    main()
