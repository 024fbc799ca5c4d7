"""What it costs a training run to be watched: the course's board beside three others.

    python -m benchmarks.boards
    python -m benchmarks.boards --smoke    (seconds, to see that it runs; the figures say nothing)

One training step of about two milliseconds logs three scalars. Blocks of steps with one way
to log and blocks without logging come in pairs, and take turns. The ratio of a pair's mean
steps is printed as the median over the pairs, with its quartiles: a busy machine moves the
quartiles apart, and hardly moves the median of many pairs. The board, which costs least, has
the most of them. Where other programs keep all cores busy these ratios say little: "CPU" is
the same ratio of what this process has computed, all its threads together, which they hardly
change. "Threads" is what all its threads but the one that trains computed, as a share of one
core. With the browser open, Chromium shows the panes while they change; without Chromium
that column is empty. TensorBoard's own page is not opened: it reads files when it is asked to.
Without tensorboardX its row is left out.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from benchmarks._clock import seconds
from helpers import board

STEP = 2e-3  # seconds
TAGS = ("loss/train", "loss/smooth", "learning rate")
PATIENCE = 60.0  # seconds for a server to take everything

Log = Callable[[str, torch.Tensor, int], object]


class Plan(NamedTuple):
    """How much is measured.

    Attributes:
        block: Seconds of steps in a block; the board sends once meanwhile.
        pairs: Pairs of blocks.
        many: Pairs where the cost is less than the noise of a few.
        lengths: Points of a curve after which the cost of one more is measured; the last is
            left out where it would take minutes.
        browser: Whether it is measured with the page open, too.
    """

    block: float = 1.0
    pairs: int = 6
    many: int = 24
    lengths: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    browser: bool = True


SMOKE = Plan(block=0.1, pairs=2, many=2, lengths=(100, 1_000, 2_000), browser=False)


class Way:
    """One way to log: what it is called, how a scalar is written, and how all are sent."""

    def __init__(self, name: str, log: Log, flush: Callable[[], object], pairs: int) -> None:
        """Count steps from 0."""
        self.name, self.log, self.flush, self.pairs = name, log, flush, pairs
        self.steps = itertools.count()
        self.scalars: list[float] = []  # seconds


class Naive:
    """Every scalar appended to its curve on the server, as visdom's examples do it."""

    def __init__(self, server: board.Server) -> None:
        """Write to environment "main"."""
        self.client = server.client()

    def log(self, tag: str, value: torch.Tensor, step: int) -> None:
        """Return when the server has it."""
        self.client.line([value.item()], [step], win=f"naive {tag}", update="append", name=tag)

    def fill(self, tag: str, length: int) -> None:
        """Send a whole curve at once."""
        self.client.line([1.0] * length, list(range(length)), win=f"naive {tag}", name=tag)


def training() -> Callable[[], torch.Tensor]:
    """A step of about `STEP` seconds: forward, backward, update; it returns the loss."""
    torch.set_num_threads(1)
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

    def step_of(batch: int) -> Callable[[], torch.Tensor]:
        inputs, targets = torch.randn(batch, 64), torch.randint(10, (batch,))

        def step() -> torch.Tensor:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
            return loss

        return step

    batch = 16
    while shortest(step_of(batch)) < STEP:
        batch += batch // 4
    return step_of(batch)


def shortest(call: Callable[[], object], repeats: int = 40) -> float:
    """The shortest time of a call, in seconds."""
    return min(seconds(call) for _ in range(repeats))


class Found(NamedTuple):
    """What blocks with one way to log have shown.

    Attributes:
        low: Lower quartile of the ratios to blocks without logging.
        ratio: Their median.
        high: Their upper quartile.
        computed: Median of the ratios of what this process computed for a step.
        threads: The share of one core that other threads of this process took, on average.
    """

    low: float
    ratio: float
    high: float
    computed: float
    threads: float


class Block(NamedTuple):
    """Seconds a step took, seconds computed for it, and the share of a core of other threads."""

    step: float
    computed: float
    threads: float


def block(step: Callable[[], torch.Tensor], way: Way, length: float) -> Block:
    """Train for `length` seconds."""
    clock, steps = time.perf_counter, 0
    start, own, computed = clock(), time.thread_time(), time.process_time()
    while clock() < start + length:
        loss, number = step(), next(way.steps)
        for tag in TAGS:
            before = clock()
            way.log(tag, loss, number)
            way.scalars.append(clock() - before)
        steps += 1
    taken = clock() - start
    own, computed = time.thread_time() - own, time.process_time() - computed
    way.flush()
    time.sleep(0.3)  # a browser draws after it has been told
    return Block(taken / steps, computed / steps, (computed - own) / taken)


def measure(step: Callable[[], torch.Tensor], bare: Way, way: Way, length: float) -> Found:
    """Compare steps with `way` and steps without logging, in blocks that take turns."""
    pairs = []
    for number in range(way.pairs):
        order = [bare, way] if number % 2 else [way, bare]
        found = {one.name: block(step, one, length) for one in order}
        pairs.append((found[way.name], found[bare.name]))
    return Found(
        *statistics.quantiles([ours.step / base.step for ours, base in pairs], method="inclusive"),
        statistics.median(ours.computed / base.computed for ours, base in pairs),
        statistics.fmean(ours.threads for ours, _ in pairs),
    )


def measure_all(
    step: Callable[[], torch.Tensor], ways: list[Way], length: float
) -> dict[str, Found]:
    """Compare each way with the first."""
    return {way.name: measure(step, ways[0], way, length) for way in ways[1:]}


@contextlib.contextmanager
def page(address: str, folder: Path) -> Iterator[bool]:
    """Chromium with the server's page open; False where there is none."""
    try:
        from tests.end_to_end.chromium import browsing
    except ImportError:
        yield False
        return
    with browsing((), folder) as browser:
        if browser is not None:
            browser.new_page().goto(f"{address}/env/main")
        yield browser is not None


def point_cost(log: Log, flush: Callable[[], object], start: int, number: int) -> float:
    """Microseconds a point, for `number` points after `start`, until all are where they go."""
    value = torch.tensor(0.5)
    flush()
    begin = time.perf_counter()
    for step in range(start, start + number):
        log("growing", value, step)
    flush()
    return 1e6 * (time.perf_counter() - begin) / number


def growth(way: Way, lengths: tuple[int, ...]) -> list[float]:
    """Cost of a point in a curve of each length."""
    costs, length = [], 0
    value = torch.tensor(0.5)
    for goal in lengths:
        for step in range(length, goal):
            way.log("growing", value, step)
        costs.append(point_cost(way.log, way.flush, goal, 1_000))
        length = goal + 1_000
    return costs


def megabytes(pid: int | None = None) -> float:
    """What a process, or this one, holds in memory."""
    gc.collect()
    return psutil.Process(pid).memory_info().rss / 1e6


def naive_growth(naive: Naive, lengths: tuple[int, ...]) -> list[float]:
    """The same for appended points: a few each, as they take seconds in a long curve."""
    costs = []
    for length, number in zip(lengths, (20, 1)):
        naive.fill("growing", length)
        costs.append(point_cost(naive.log, lambda: None, length, number))
    naive.client.close("naive growing")
    return costs


def report(
    ways: list[Way],
    closed: dict[str, Found],
    opened: dict[str, Found],
    costs: dict[str, list[float]],
    lengths: tuple[int, ...],
) -> None:
    """Print the table."""
    head = f"{'a step, ratio to no logging':^45}{'µs a':>9}{'threads,':>10}"
    print(f"{'':22}{head}   µs a point after")
    head = f"{'no browser':>19}{'CPU':>7}{'browser open':>19}{'scalar':>9}{'% of core':>10}"
    print(f"{'':22}{head}" + "".join(f"{length:>10,}" for length in lengths))
    for way in ways:
        found = closed.get(way.name)
        line = f"{way.name:22}{ratio(found)}"
        line += f"{found.computed:7.3f}" if found else f"{'-':>7}"
        line += f"{ratio(opened.get(way.name))}{1e6 * statistics.median(way.scalars):9.1f}"
        line += f"{100 * found.threads:10.1f}" if found else f"{'-':>10}"
        points = costs.get(way.name, [])
        line += "".join(f"{one:10,.{0 if one > 1e3 else 1}f}" for one in points)
        print(line + f"{'-':>10}" * (len(lengths) - len(points)))


def ratio(found: Found | None) -> str:
    """The median, and its quartiles, in 19 places."""
    if found is None:
        return f"{'-':>19}"
    places = 3 if found.ratio < 2 else 1
    low, middle, high = (f"{one:.{places}f}" for one in found[:3])
    return f"{middle} {low}-{high}".rjust(19)


@contextlib.contextmanager
def writers(folder: Path) -> Iterator[dict[str, object]]:
    """The event files' writers that are installed here, by name."""
    found: dict[str, object] = {"torch SummaryWriter": SummaryWriter(str(folder / "torch"))}
    with contextlib.suppress(ImportError):
        from tensorboardX import SummaryWriter as WriterX

        found["tensorboardX"] = WriterX(str(folder / "x"))
    yield found
    for writer in found.values():
        writer.close()


def compare(server: board.Server, folder: Path, plan: Plan) -> None:
    """Measure all ways, and print what was found."""
    naive = Naive(server)
    step = training()
    with board.Board(server) as ours, writers(folder) as others:
        first = Way("helpers.board.Board", ours.scalar, lambda: ours.flush(PATIENCE), plan.many)
        files = [Way(name, one.add_scalar, one.flush, plan.pairs) for name, one in others.items()]
        last = Way("visdom, append each", naive.log, lambda: None, plan.pairs)
        ways = [Way("nothing", lambda *_: None, lambda: None, plan.pairs), first, *files, last]
        bare = shortest(step)
        closed = measure_all(step, ways, plan.block)
        opened: dict[str, Found] = {}
        if plan.browser:
            with page(server.url, folder) as there:
                opened = measure_all(step, ways, plan.block) if there else {}
        print(f"{os.cpu_count()} cores; a step without logging, undisturbed: {1e3 * bare:.2f} ms")
        print(f"ratios: median, quartiles of {plan.pairs} pairs of blocks, ", end="")
        print(f"for the board of {plan.many}")
        before = megabytes()
        costs = {first.name: growth(first, plan.lengths)}
        grown = megabytes() - before
        costs |= {way.name: growth(way, plan.lengths[:2]) for way in files}
        costs[last.name] = naive_growth(naive, plan.lengths[:2])
        report(ways, closed, opened, costs, plan.lengths)
        print(
            f"after {plan.lengths[-1]:,} points in a curve the board holds {grown:.0f} MB ", end=""
        )
        print(f"more, visdom's server {megabytes(server.pid):.0f} MB in all")


def main() -> None:
    """Compare on a server that is started, and ended, here."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.boards")
    parser.add_argument("--smoke", action="store_true", help="a few seconds of everything")
    plan = SMOKE if parser.parse_args().smoke else Plan()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COURSE_HOME"] = folder
        server = board.start(page=plan.browser)
        try:
            compare(server, Path(folder), plan)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
