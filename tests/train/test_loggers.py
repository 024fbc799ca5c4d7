"""The progress bar: on stderr when wanted, nowhere when tqdm is switched off."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional

from helpers import train
from tools import kernels


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch) -> None:
    monkeypatch.delenv("TQDM_DISABLE", raising=False)


def fit(**options: object) -> None:
    model = nn.Linear(4, 2)
    batches = [(torch.zeros(8, 4), torch.zeros(8, dtype=torch.long))] * 40
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    train.fit(model, batches, functional.cross_entropy, optimizer, epochs=2, **options)


def test_the_bar_is_on_stderr_and_goes_away(capfd, monkeypatch) -> None:
    import tqdm.auto

    # Else nothing is drawn in the first tenth of a second.
    monkeypatch.setattr(tqdm.auto, "tqdm", partial(tqdm.auto.tqdm, mininterval=0))
    fit()
    out, err = capfd.readouterr()
    assert out == ""
    assert "epoch 2" in err and "/80" in err and "loss=" in err
    assert err.split("\r")[-1].strip() == ""


def test_the_bar_goes_away_after_an_error(capfd) -> None:
    with pytest.raises(ValueError, match="'raw' gave a tensor"):
        fit(metrics={"raw": lambda scores, targets: scores})
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("\r") and err.split("\r")[-1].strip() == ""


def test_nothing_is_printed_in_what_is_stored(capfd, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TQDM_DISABLE", kernels.environment(tmp_path)["TQDM_DISABLE"])
    fit()
    assert capfd.readouterr() == ("", "")


def test_nothing_is_printed_without_progress(capfd) -> None:
    fit(progress=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("value", "shown"), [("1", False), ("true", False), ("0", True)])
def test_the_switch_reaches_widgets_too(capfd, monkeypatch, value: str, shown: bool) -> None:
    import tqdm.auto
    import tqdm.notebook

    monkeypatch.setattr(tqdm.auto, "tqdm", tqdm.notebook.tqdm)
    monkeypatch.setenv("TQDM_DISABLE", value)
    fit()
    assert (capfd.readouterr().out != "") is shown
