"""Train a network on the digits.

python train_digits.py --epochs 5 --rate 0.01
"""

import argparse
import json
import sys
from pathlib import Path

import torch

sys.path.insert(1, str(Path(__file__).resolve().parents[3]))  # where `helpers` is

import datasets
import losses
import metrics
import models

from helpers import data, train


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Train a network on the digits.")
    parser.add_argument("--epochs", type=int, default=5, help="times through the data")
    parser.add_argument("--rate", type=float, default=0.01, help="learning rate of AdamW")
    parser.add_argument("--hidden", type=int, default=64, help="hidden units")
    parser.add_argument("--smoothing", type=float, default=0.0, help="label smoothing")
    parser.add_argument("--seed", type=int, default=0, help="of weights and order")
    return parser.parse_args()


def main() -> None:
    """Train, and print the last epoch's row and the worst recall as JSON."""
    chosen = arguments()
    torch.manual_seed(chosen.seed)
    model = models.mlp(chosen.hidden)
    history = train.fit(
        model,
        data.TensorLoader(*datasets.digits("train"), shuffle=True, seed=chosen.seed),
        losses.smooth_cross_entropy(chosen.smoothing),
        torch.optim.AdamW(model.parameters(), lr=chosen.rate),
        epochs=chosen.epochs,
        validation=data.TensorLoader(*datasets.digits("validation"), batch_size=300),
        progress=False,
    )
    inputs, labels = datasets.digits("validation")
    with torch.no_grad():
        worst = metrics.recall(model(inputs), labels).min().item()
    print(json.dumps(history.epochs[-1] | {"worst recall": worst}))


if __name__ == "__main__":
    main()
