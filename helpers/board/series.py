"""A curve of any length in bounded memory, whose spikes and gaps stay visible."""

from __future__ import annotations

import math

from helpers._validation import integer

Point = tuple[float, float | None]  # step, value; None for a gap

KEPT = 5  # of a bucket: its first, last, lowest and highest point, and one gap
SMALLEST = 4  # points of a bucket at the start: none is left out
OPEN = 64  # points that the newest bucket holds before it is reduced


class Series:
    """Points of one curve: all of them at first, then the telling ones of equal buckets.

    Whenever the buckets become too many, neighbours are merged, and each holds twice as
    many points. A bucket keeps its first, last, lowest and highest point, which is what
    a line drawn through all points shows in one column of pixels (the M4 aggregation of
    Jugel, Jerzak, Hackenbroich and Markl, 2014). The cost of a point does not depend on
    how many came before.

    Attributes:
        seen: How many points came.
        gaps: How many of them were nan or infinite.
    """

    def __init__(self, limit: int) -> None:
        """Keep at most `limit` points.

        Raises TypeError if it is not whole, ValueError if it is below 20.
        """
        integer(limit, "points", least=4 * KEPT)
        self.seen = 0
        self.gaps = 0
        self._limit = limit // KEPT
        self._stride = SMALLEST
        self._buckets: list[list[Point]] = []
        self._open: list[Point] = []
        self._count = 0  # points that came for the open bucket
        self._last: float = -1

    def add(self, step: float | None, value: float) -> None:
        """Append a value; without a step it is one step after the last."""
        known = step is not None and math.isfinite(step)
        self._last = step if known else self._last + 1
        self.seen += 1
        if math.isfinite(value):
            self._open.append((self._last, value))
        else:
            self.gaps += 1
            self._open.append((self._last, None))
        self._count += 1
        if self._count == self._stride:
            self._close()
        elif len(self._open) == OPEN:
            self._open = reduce(self._open)

    def points(self) -> list[Point]:
        """What is kept, in the order in which it came."""
        kept = [point for bucket in self._buckets for point in bucket]
        return kept + reduce(self._open)

    def _close(self) -> None:
        self._buckets.append(reduce(self._open))
        self._open, self._count = [], 0
        if len(self._buckets) >= self._limit:
            pairs = zip(self._buckets[::2], self._buckets[1::2])
            merged = [reduce(left + right) for left, right in pairs]
            if len(self._buckets) % 2:
                self._open, self._count = self._buckets[-1], self._stride
            self._buckets = merged
            self._stride *= 2


def reduce(points: list[Point]) -> list[Point]:
    """Return the first, last, lowest and highest point and the first gap, in their order."""
    if len(points) < KEPT:
        return points
    kept = {0, len(points) - 1}
    finite = [index for index, (_, value) in enumerate(points) if value is not None]
    if finite:
        kept.add(min(finite, key=lambda index: points[index][1]))
        kept.add(max(finite, key=lambda index: points[index][1]))
    if len(finite) < len(points):
        kept.add(next(index for index, (_, value) in enumerate(points) if value is None))
    return [points[index] for index in sorted(kept)]
