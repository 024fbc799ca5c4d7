import math
from typing import Any

import numpy as np

from helpers.grading.exercise import Exercise, edit


def _dealt(result: Any, files: list[str], workers: int) -> Any:
    """What does not depend on who gets what; of a wrong answer, the lists as well."""
    lists = [[str(item) for item in piece] for piece in result]
    read = [item for piece in lists for item in piece]
    lengths = sorted(map(len, lists))
    found = {
        "number of lists": len(lists),
        "files that nobody reads": sorted(set(files) - set(read)),
        "files that are read twice or more": sorted({f for f in read if read.count(f) > 1}),
        "names that are no files": sorted(set(read) - set(files)),
        "lengths, sorted": lengths,
    }
    is_right = sorted(read) == sorted(files) and len(lists) == workers
    return found if is_right and max(lengths) - min(lengths) <= 1 else {**found, "lists": lists}


def _names(count: int) -> list[str]:
    """Names of files."""
    return [f"part-{number}.txt" for number in range(count)]


_EVERY_FILE = (
    "every worker reads every file: this is the bug of the doubled stream. ([[]] * workers makes "
    "it by accident: that is one list with several names)"
)

exercise = Exercise(
    "deal_out(files, workers)",
    title="files for each worker",
    prompt="""
        A stream is kept in several files. Write `deal_out(files, workers)`: return a list
        of `workers` lists, the files that each worker reads. Every file is read by exactly
        one worker, and the lists differ by at most one in length. Who gets which file is up
        to you. There may be fewer files than workers.
    """,
    shapes="files: list of str. workers: int. Returns a list of lists.",
    cases=[lambda: (_names(10), 4), lambda: (_names(6), 3), lambda: (_names(2), 3)],
    hints=(
        "Think of dealing cards: one to each, then round again.",
        "files[start::step] takes every step-th file, from start on.",
        "files[worker::workers] for each worker",
    ),
    canonical=_dealt,
)


@exercise.answer(
    why="Dealing like cards: worker 0 takes files 0, n, 2n …, so no two lists differ by more "
    "than one, and none is forgotten."
)
def deal_out(files, workers):
    return [files[worker::workers] for worker in range(workers)]


@exercise.right
def in_turn(files, workers):
    lists = [[] for _ in range(workers)]
    for place, file in enumerate(files):
        lists[place % workers].append(file)
    return lists


@exercise.right
def _(files, workers):
    ends = [len(files) * worker // workers for worker in range(workers + 1)]
    return [files[a:b] for a, b in zip(ends[:-1], ends[1:])]


exercise.right(
    lambda files, workers: [list(part) for part in np.array_split(np.array(files), workers)]
)


@exercise.mistake("len(files) // workers forgets the files that remain")
def _(files, workers):
    size = len(files) // workers
    return [files[w * size : (w + 1) * size] for w in range(workers)]


@exercise.mistake("rounding up leaves too few for the last worker; deal the files out in turn")
def _(files, workers):
    size = math.ceil(len(files) / workers)
    return [files[w * size : (w + 1) * size] for w in range(workers)]


exercise.mistake(_EVERY_FILE, lambda files, workers: [list(files) for _ in range(workers)])
exercise.mistake(_EVERY_FILE, edit("[[] for _ in range(workers)]", "[[]] * workers", of=in_turn))
exercise.mistake(
    "each of these lists has `workers` files; there should be `workers` lists",
    lambda files, workers: [files[i : i + workers] for i in range(0, len(files), workers)],
)
exercise.mistake(
    "a worker without files needs a list too, an empty one: `workers` lists",
    lambda files, workers: [files[w::workers] for w in range(workers) if files[w::workers]],
)

exercise.rejected(
    "'files that nobody reads': ['part-0.txt'] instead of []",
    lambda files, workers: [files[w::workers] for w in range(1, workers + 1)],
)
exercise.rejected("files that nobody reads", lambda files, workers: [[] for _ in range(workers)])
exercise.rejected("read twice or more", lambda files, workers: [files[:2]] * 2 + [files[2:], []])
exercise.rejected(
    "'lengths, sorted': [1, 3, 3, 3] instead of [2, 2, 3, 3]",
    lambda files, workers: [files[:1], files[1:4], files[4:7], files[7:]][:workers],
)


@exercise.rejected("`list(old)` is a copy")
def _(files, workers):
    files.pop()
    return [files[worker::workers] for worker in range(workers)]
