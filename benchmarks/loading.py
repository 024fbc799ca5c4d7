"""How fast batches come: the course's loaders against a loop by hand and PyTorch's own.

    python -m benchmarks.loading            some minutes
    python -m benchmarks.loading --smoke    seconds: whether it runs, and no figures to rely on

Nothing is done with a batch. A ratio above 1 is quicker than the first line of its table. Each
number is the median of some interleaved turns, with one thread; workers live on between
epochs, so their start is not in it. Ratios travel from one computer to another, samples a
second do not.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torchvision.io import decode_jpeg, encode_jpeg

from benchmarks._clock import seconds
from helpers import data

BATCH_SIZE = 64
LEAST_SECONDS = 0.02  # short epochs are measured several at a time
WORKERS = {"workers": 2, "persistent_workers": True}


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    `repeats`: interleaved turns; `images`: how many of MNIST's size; `photographs`: how many are
    decoded; `growth`: the sizes of data that are compared.
    """

    repeats: int
    images: int
    photographs: int
    growth: tuple[int, ...]


FULL = Scale(repeats=7, images=10_000, photographs=32, growth=(1_000, 10_000, 100_000, 1_000_000))
SMOKE = Scale(repeats=1, images=640, photographs=8, growth=(1_000, 10_000))


class ByHand:
    """The loop that one writes by hand: shuffled, batches cut by index."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images, self.labels = images, labels

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for index in torch.randperm(len(self.images)).split(BATCH_SIZE):
            yield self.images[index], self.labels[index]


def ways(images: Tensor, labels: Tensor) -> dict[str, Iterable]:
    """Return each way to have batches of the same data; the first is what others are held to."""
    rows, samples = data.TensorRows(images, labels), TensorDataset(images, labels)
    shuffled = {"batch_size": BATCH_SIZE, "shuffle": True}
    return {
        "index loop by hand": ByHand(images, labels),
        "TensorLoader, shuffled": data.TensorLoader(images, labels, **shuffled),
        "TensorLoader, in order": data.TensorLoader(images, labels, batch_size=BATCH_SIZE),
        "DataLoader(TensorRows)": DataLoader(rows, **shuffled),
        "DataLoader(TensorDataset)": DataLoader(samples, **shuffled),
        "loader(TensorRows), 2 workers": data.loader(rows, **shuffled, **WORKERS),
        "loader(TensorDataset), 2 workers": data.loader(samples, **shuffled, **WORKERS),
    }


def epoch(loader: Iterable) -> None:
    """Take each batch once."""
    for _ in loader:
        pass


def epoch_seconds(loader: Iterable, epochs: int) -> float:
    """Return how long an epoch takes, as the mean over some."""
    return seconds(lambda: [epoch(loader) for _ in range(epochs)]) / epochs


def medians(loaders: dict[str, Iterable], repeats: int) -> dict[str, float]:
    """Return the median seconds of an epoch, the loaders taking turns."""
    for loader in loaders.values():
        epoch(loader)  # starts workers, and brings code and data near
    once = {name: epoch_seconds(loader, 1) for name, loader in loaders.items()}
    epochs = {name: 1 + int(LEAST_SECONDS / taken) for name, taken in once.items()}
    rounds = [
        {name: epoch_seconds(loader, epochs[name]) for name, loader in loaders.items()}
        for _ in range(repeats)
    ]
    return {name: median(each[name] for each in rounds) for name in loaders}


def digits() -> tuple[Tensor, Tensor]:
    """Return the digits as rows: float32 (1797, 64), and their labels."""
    images, labels = data.digits()
    return images.flatten(1) / 16, labels


def as_large_as_mnist(count: int) -> tuple[Tensor, Tensor]:
    """Return images as large as those of MNIST: uint8 (count, 1, 28, 28), and labels."""
    images = torch.randint(0, 256, (count, 1, 28, 28), dtype=torch.uint8)
    return images, torch.arange(count) % 10


class Decoded(Dataset[Tensor]):
    """Photographs, each decoded from JPEG when it is asked for: work worth a worker."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.encoded = encode_jpeg(data.photograph())

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> Tensor:
        return decode_jpeg(self.encoded)


def compare(title: str, size: int, loaders: dict[str, Iterable], repeats: int) -> None:
    """Print samples a second of each loader, and the ratio to the first."""
    taken = medians(loaders, repeats)
    base = next(iter(taken.values()))
    print(f"\n{title:<40}{'samples/s':>12}{'ratio':>9}")
    for name, each in taken.items():
        print(f"{name:<40}{size / each:>12,.0f}{base / each:>9.3f}")


def growth(scale: Scale) -> None:
    """Print what a sample costs as the data grows."""
    print(f"\n{'nanoseconds a sample, 64 floats':<40}" + "".join(f"{n:>11,}" for n in scale.growth))
    table: dict[str, list[float]] = {}
    for size in scale.growth:
        images, labels = torch.rand(size, 64), torch.randint(0, 10, (size,))
        loaders = dict(list(ways(images, labels).items())[:4])
        for name, taken in medians(loaders, scale.repeats).items():
            table.setdefault(name, []).append(1e9 * taken / size)
    for name, costs in table.items():
        print(f"{name:<40}" + "".join(f"{cost:>11.0f}" for cost in costs))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the comparison on small samples and on costly ones, then the growth."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="only see whether it runs")
    scale = SMOKE if parser.parse_args(arguments).smoke else FULL
    torch.set_num_threads(1)
    cores = os.cpu_count()
    print(f"batches of {BATCH_SIZE}, 1 thread, {cores} cores, median of {scale.repeats}")
    compare("1,797 digits, 64 floats each", 1797, ways(*digits()), scale.repeats)
    images = as_large_as_mnist(scale.images)
    title = f"{scale.images:,} images of 28 by 28 bytes"
    compare(title, scale.images, ways(*images), scale.repeats)
    photographs = Decoded(scale.photographs)
    alone, helped = data.loader(photographs, 4), data.loader(photographs, 4, **WORKERS)
    decoding = {"loader(Decoded)": alone, "loader(Decoded), 2 workers": helped}
    title = f"{scale.photographs} photographs decoded from JPEG"
    compare(title, scale.photographs, decoding, scale.repeats)
    growth(scale)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
