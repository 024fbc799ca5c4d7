"""What it costs a training run to be watched: the course's board beside three others.

    python -m benchmarks.boards

One training step of about two milliseconds logs three scalars. Blocks of steps with one way
to log and blocks without logging come in pairs, and take turns. The ratio of a pair's mean
steps is printed as the median over the rounds, and beside it the ratio of the best blocks,
which a busy machine disturbs least. "CPU" counts what this process computes, its other
threads included. With the browser open, Chromium shows the panes while they change; without
Chromium these columns are empty. TensorBoard's own page is not opened: it reads files when
it is asked to.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import torch
from tensorboardX import SummaryWriter as WriterX
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from helpers import visdom

STEP = 2e-3  # seconds
BLOCK = 1.0  # seconds of steps; the board sends once meanwhile
ROUNDS = 6
TAGS = ("loss/train", "loss/smooth", "learning rate")
LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
SHORT = LENGTHS[:3]  # where the last would take minutes
PATIENCE = 60.0  # seconds for a server to take everything

Log = Callable[[str, torch.Tensor, int], object]
Ratios = tuple[float, float, float]


class Way:
    """One way to log: what it is called, how a scalar is written, and how all are sent."""

    def __init__(self, name: str, log: Log, flush: Callable[[], object]) -> None:
        """Count steps from 0."""
        self.name, self.log, self.flush = name, log, flush
        self.steps = itertools.count()
        self.scalars: list[float] = []  # seconds


class Naive:
    """Every scalar appended to its curve on the server, as visdom's examples do it."""

    def __init__(self, server: visdom.Server) -> None:
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
    while seconds(step_of(batch)) < STEP:
        batch += batch // 4
    return step_of(batch)


def seconds(call: Callable[[], object], repeats: int = 40) -> float:
    """The shortest time of a call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def block(step: Callable[[], torch.Tensor], way: Way) -> tuple[float, float]:
    """Train for `BLOCK` seconds: seconds a step, and of them those that this process computed."""
    clock, steps = time.perf_counter, 0
    start, computed = clock(), time.process_time()
    while clock() < start + BLOCK:
        loss, number = step(), next(way.steps)
        for tag in TAGS:
            before = clock()
            way.log(tag, loss, number)
            way.scalars.append(clock() - before)
        steps += 1
    means = (clock() - start) / steps, (time.process_time() - computed) / steps
    way.flush()
    time.sleep(0.3)  # a browser draws after it has been told
    return means


def measure(step: Callable[[], torch.Tensor], bare: Way, way: Way) -> Ratios:
    """Ratios of a step with `way` to a step without logging, in blocks that take turns."""
    pairs = []
    for number in range(ROUNDS):
        order = [bare, way] if number % 2 else [way, bare]
        found = {one.name: block(step, one) for one in order}
        pairs.append((found[way.name], found[bare.name]))
    return (
        statistics.median(ours[0] / base[0] for ours, base in pairs),
        min(ours[0] for ours, _ in pairs) / min(base[0] for _, base in pairs),
        statistics.median(ours[1] / base[1] for ours, base in pairs),
    )


def measure_all(step: Callable[[], torch.Tensor], ways: list[Way]) -> dict[str, Ratios]:
    """Ratios of each way to the first."""
    return {way.name: measure(step, ways[0], way) for way in ways[1:]}


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


def growth(way: Way, lengths: tuple[int, ...]) -> tuple[list[float], float]:
    """Cost of a point in a curve of each length, and megabytes this process grew by."""
    gc.collect()
    process, costs, length = psutil.Process(), [], 0
    before = process.memory_info().rss
    value = torch.tensor(0.5)
    for goal in lengths:
        for step in range(length, goal):
            way.log("growing", value, step)
        costs.append(point_cost(way.log, way.flush, goal, 1_000))
        length = goal + 1_000
    return costs, (process.memory_info().rss - before) / 1e6


def naive_growth(naive: Naive) -> list[float]:
    """The same for appended points, up to 100,000: a few each, as they take seconds."""
    costs = []
    for length, number in zip(SHORT, (20, 5, 1)):
        naive.fill("growing", length)
        costs.append(point_cost(naive.log, lambda: None, length, number))
    naive.client.close("naive growing")
    return costs


def report(
    ways: list[Way],
    closed: dict[str, Ratios],
    opened: dict[str, Ratios] | None,
    costs: dict[str, tuple[list[float], float | None]],
) -> None:
    """Print the table."""
    sizes = "".join(f"{f'{length:,}':>11}" for length in LENGTHS)
    print(f"{'':22}{'a step, ratio to none':^42}{'µs a scalar':>12}   µs a point after")
    head = f"{'no browser':>14}{'CPU':>7}{'browser':>14}{'CPU':>7}{'in training':>12}"
    print(f"{'':22}{head}{sizes}    MB")
    for way in ways:
        line = f"{way.name:22}"
        for found in (closed, opened):
            own = (found or {}).get(way.name)
            line += "".join(f"{one:7.3f}" for one in own) if own else f"{'-':>7}" * 3
        line += f"{1e6 * statistics.median(way.scalars):12.2f}"
        points, memory = costs.get(way.name, ([], None))
        line += "".join(f"{one:11,.{0 if one > 1e3 else 1}f}" for one in points)
        line += f"{'-':>11}" * (len(LENGTHS) - len(points))
        print(line + (f"{'-':>6}" if memory is None else f"{memory:6.1f}"))


def compare(server: visdom.Server, folder: Path) -> None:
    """Measure all ways, and print what was found."""
    board, naive = visdom.Board(server), Naive(server)
    writer, other = SummaryWriter(str(folder / "torch")), WriterX(str(folder / "x"))
    ways = [
        Way("nothing", lambda *_: None, lambda: None),
        Way("helpers.visdom.Board", board.scalar, lambda: board.flush(PATIENCE)),
        Way("torch SummaryWriter", writer.add_scalar, writer.flush),
        Way("tensorboardX", other.add_scalar, other.flush),
        Way("visdom, append each", naive.log, lambda: None),
    ]
    step = training()
    bare = seconds(step)
    closed = measure_all(step, ways)
    with page(server.url, folder) as there:
        opened = measure_all(step, ways) if there else None
    print(f"{os.cpu_count()} cores; a step without logging, undisturbed: {1e3 * bare:.2f} ms")
    print(f"ratios: median of {ROUNDS} pairs, best blocks, CPU time of this process")
    costs = {ways[1].name: growth(ways[1], LENGTHS)}
    costs |= {way.name: growth(way, SHORT) for way in ways[2:4]}
    costs[ways[4].name] = (naive_growth(naive), None)
    report(ways, closed, opened, costs)
    held = psutil.Process(server.pid).memory_info().rss / 1e6
    print(f"visdom's server holds {held:.0f} MB")
    board.close()
    writer.close()
    other.close()


def main() -> None:
    """Compare on a server that is started, and ended, here."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COURSE_HOME"] = folder
        server = visdom.start()
        try:
            compare(server, Path(folder))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
