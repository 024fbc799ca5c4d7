"""`TensorLoader` gives every sample, in an order that can be repeated and resumed."""

from __future__ import annotations

import copy
import hashlib
import io
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from helpers.data import TensorLoader, _tensor_loader
from helpers.data._tensor_loader import epoch_order

ROOT = Path(__file__).resolve().parents[2]
ORDER_OF_TEN = [6, 3, 1, 5, 8, 7, 0, 2, 9, 4]  # seed 0, epoch 0
ORDER_OF_MANY = "fd1652d92d6c3267"  # 100,000 samples, seed 5, epoch 17


def rows_and_numbers(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return float32 (size, 3) and int64 (size,): row i holds 3i, 3i + 1, 3i + 2."""
    return torch.arange(3.0 * size).reshape(size, 3), torch.arange(size)


def numbers(batches) -> list[list[int]]:
    """Return the second tensor of each batch."""
    return [batch[1].tolist() for batch in batches]


def flat(batches) -> list[int]:
    """Return the second tensors of all batches as one list."""
    return [number for batch in numbers(batches) for number in batch]


# What is handed out


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("size", [1, 4, 5, 63, 64, 65, 1000])
def test_each_sample_comes_once_with_its_own_target(size: int, shuffle: bool):
    rows, targets = rows_and_numbers(size)
    loader = TensorLoader(rows, targets, batch_size=4, shuffle=shuffle)
    batches = list(loader)
    assert len(batches) == len(loader) == -(-size // 4)
    assert sorted(flat(batches)) == list(range(size))
    assert all(len(batch[0]) == 4 for batch in batches[:-1])
    for row, number in batches:
        assert torch.equal(row[:, 0], 3.0 * number)


@pytest.mark.parametrize("shuffle", [False, True])
def test_drop_last_leaves_out_the_smaller_batch(shuffle: bool):
    whole = list(TensorLoader(*rows_and_numbers(133), batch_size=4, shuffle=shuffle))
    loader = TensorLoader(*rows_and_numbers(133), batch_size=4, shuffle=shuffle, drop_last=True)
    assert len(loader) == 33
    assert numbers(loader) == numbers(whole)[:-1]


def test_without_shuffle_the_order_is_the_order():
    loader = TensorLoader(*rows_and_numbers(100), batch_size=7)
    assert flat(loader) == flat(loader) == list(range(100))


def test_one_tensor_gives_tuples_of_one():
    (batch,) = TensorLoader(torch.arange(3))
    assert isinstance(batch, tuple) and len(batch) == 1
    assert batch[0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "dtype", [torch.bool, torch.uint8, torch.bfloat16, torch.float64, torch.complex64]
)
def test_types_and_layouts_are_kept(dtype: torch.dtype):
    rows = torch.arange(60).reshape(3, 20).t().to(dtype)  # not contiguous
    (batch,) = next(iter(TensorLoader(rows, batch_size=5)))
    assert batch.dtype == dtype and torch.equal(batch, rows[:5])


def test_rows_without_a_number_in_them():
    empty, counted = next(iter(TensorLoader(torch.zeros(6, 0), torch.arange(6), batch_size=4)))
    assert empty.shape == (4, 0) and counted.tolist() == [0, 1, 2, 3]


def test_large_rows_are_gathered_in_smaller_groups(monkeypatch: pytest.MonkeyPatch):
    rows, targets = rows_and_numbers(100)
    expected = numbers(TensorLoader(rows, targets, batch_size=3, shuffle=True))
    monkeypatch.setattr(_tensor_loader, "GROUP_BYTES", 150)  # 2 batches of 3 rows of 20 bytes
    loader = TensorLoader(rows, targets, batch_size=3, shuffle=True)
    assert loader._group == 2 and numbers(loader) == expected
    monkeypatch.setattr(_tensor_loader, "GROUP_BYTES", 10_000_000)
    assert TensorLoader(rows, targets, batch_size=3)._group == _tensor_loader.GROUP_BATCHES


# The batches are the caller's, the data stays the caller's


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("size", [4, 100])
def test_changing_a_batch_changes_nothing_else(shuffle: bool, size: int):
    rows, targets = rows_and_numbers(size)
    before = rows.clone()
    expected = list(TensorLoader(rows, targets, batch_size=4, shuffle=shuffle))
    got = []
    for row, number in TensorLoader(rows, targets, batch_size=4, shuffle=shuffle):
        got.append((row.clone(), number.clone()))
        row.fill_(-1)
        number.zero_()
    assert torch.equal(rows, before) and targets.tolist() == list(range(size))
    for one, other in zip(got, expected, strict=True):
        assert torch.equal(one[0], other[0]) and torch.equal(one[1], other[1])


@pytest.mark.parametrize("shuffle", [False, True])
def test_autograd_takes_batches_for_tensors_of_their_own(shuffle: bool):
    weight = torch.ones(3, requires_grad=True)
    kept = []
    for row, _ in TensorLoader(*rows_and_numbers(16), batch_size=4, shuffle=shuffle):
        assert not row.requires_grad and row._base is None
        kept.append((row * weight).sum())  # keeps the batch for backward
        row.clone().mul_(weight)
    rows = [row for row, _ in TensorLoader(*rows_and_numbers(16), batch_size=4)]
    product = (rows[0] * weight).sum()
    rows[1].mul_(weight)  # in place: the others neither need a gradient nor change version
    assert not rows[2].requires_grad
    product.backward()
    sum(kept).backward()
    assert weight.grad is not None


def test_a_graph_and_inference_mode_do_not_leak_into_batches():
    rows = torch.ones(12, 2, requires_grad=True)
    batches = iter(TensorLoader(rows * 2, batch_size=4))
    with torch.inference_mode():
        next(batches)
    (later,) = next(batches)
    assert not later.is_inference() and not later.requires_grad
    weight = torch.ones(2, requires_grad=True)
    (later * weight).sum().backward()
    assert rows.grad is None and weight.grad.tolist() == [8.0, 8.0]


def test_a_default_device_does_not_matter():
    with torch.device("meta"):
        (batch,) = next(iter(TensorLoader(torch.zeros(4, device="cpu"), shuffle=True)))
    assert batch.device.type == "cpu"


# The order


def test_an_epoch_has_an_order_of_its_own_which_seed_and_number_give():
    loader = TensorLoader(*rows_and_numbers(200), shuffle=True, seed=3)
    first, second = flat(loader), flat(loader)
    assert first != second and first != list(range(200))
    again = TensorLoader(*rows_and_numbers(200), shuffle=True, seed=3)
    assert [flat(again), flat(again)] == [first, second]
    # The second epoch of one seed is not the first of the next.
    assert flat(TensorLoader(*rows_and_numbers(200), shuffle=True, seed=4)) not in (first, second)


def test_the_order_depends_on_nothing_of_the_batches():
    one = TensorLoader(*rows_and_numbers(200), batch_size=7, shuffle=True)
    other = TensorLoader(torch.arange(200), torch.arange(200), batch_size=64, shuffle=True)
    assert flat(one) == flat(other)


def test_the_order_is_written_down():
    """The same in torch 2.11 and 2.15, whatever the number of threads."""
    assert epoch_order(10, seed=0, epoch=0).tolist() == ORDER_OF_TEN
    assert digest(epoch_order(100_000, seed=5, epoch=17)) == ORDER_OF_MANY


def test_the_order_is_the_same_with_more_threads():
    code = (
        "from helpers.data._tensor_loader import epoch_order; import hashlib, torch;"
        "torch.set_num_threads(3);"
        "order = epoch_order(100_000, seed=5, epoch=17);"
        "print(hashlib.sha256(order.numpy().tobytes()).hexdigest()[:16])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ORDER_OF_MANY


def digest(order: torch.Tensor) -> str:
    """Return the beginning of the SHA-256 of an order."""
    return hashlib.sha256(order.numpy().tobytes()).hexdigest()[:16]


def test_each_order_is_about_as_likely():
    """Of 3 samples in 6,000 epochs each of the 6 orders comes 1,000 times, give or take."""
    counts: dict[tuple[int, ...], int] = {}
    for epoch in range(6000):
        order = tuple(epoch_order(3, seed=0, epoch=epoch).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert all(abs(count - 1000) < 150 for count in counts.values())  # 5 standard deviations


def test_the_global_random_state_is_neither_used_nor_changed():
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = flat(TensorLoader(*rows_and_numbers(50), shuffle=True))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert flat(TensorLoader(*rows_and_numbers(50), shuffle=True)) == first


# Going on in the middle of an epoch


def fresh(size: int = 150, **options) -> TensorLoader:
    """Return a shuffled loader of batches of 4: 38, in groups of 16."""
    return TensorLoader(*rows_and_numbers(size), **{"batch_size": 4, "shuffle": True, **options})


@pytest.mark.parametrize("options", [{}, {"drop_last": True}, {"shuffle": False}, {"seed": 9}])
@pytest.mark.parametrize("epoch", [0, 2])
@pytest.mark.parametrize("done", [1, 2, 15, 16, 17, 32, 36, 37])
def test_a_resumed_loop_gives_exactly_what_was_left(options: dict, epoch: int, done: int):
    loader = fresh(**options)
    epochs = [numbers(loader) for _ in range(epoch + 2)]
    loader = fresh(**options)
    for _ in range(epoch):
        list(loader)
    for count, _ in enumerate(loader, start=1):
        if count == done:
            state = loader.state_dict()
            break
    assert (state["epoch"], state["batch"]) == (epoch, done)
    resumed = fresh(**options)
    resumed.load_state_dict(state)
    assert numbers(resumed) == epochs[epoch][done:]
    assert numbers(resumed) == epochs[epoch + 1]


def test_the_state_during_the_loop_counts_the_batch_in_hand():
    loader = fresh()
    states = []
    for _ in loader:
        states.append(loader.state_dict())
    assert [state["batch"] for state in states] == list(range(1, 39))
    assert {state["epoch"] for state in states} == {0}
    after = loader.state_dict()
    assert (after["epoch"], after["batch"]) == (1, 0)


def test_after_the_last_batch_nothing_is_left_of_the_epoch():
    loader = fresh()
    second = numbers(fresh_after(1))
    for _ in loader:
        state = loader.state_dict()  # the last one stays
    resumed = fresh()
    resumed.load_state_dict(state)
    assert list(resumed) == []
    assert numbers(resumed) == second


def fresh_after(epochs: int) -> TensorLoader:
    """Return a loader that has done some epochs."""
    loader = fresh()
    for _ in range(epochs):
        list(loader)
    return loader


def test_a_loop_can_be_resumed_while_it_runs_and_again():
    whole = numbers(fresh())
    got, loader = [], fresh()
    while len(got) < len(whole):
        for batch in loader:
            got.append(batch[1].tolist())
            if len(got) % 5 == 0:
                state = loader.state_dict()
                break
        loader = fresh()
        loader.load_state_dict(state)
    assert got == whole


def test_loading_while_a_loop_runs_leaves_that_loop_alone():
    whole = numbers(fresh())
    loader, got = fresh(), []
    state = {**loader.state_dict(), "epoch": 0, "batch": 30}
    for batch in loader:
        got.append(batch[1].tolist())
        if len(got) == 3:
            loader.load_state_dict(state)
    assert got == whole
    assert numbers(loader) == whole[30:]


def test_resumed_batches_lie_in_memory_as_they_did():
    """Else a matrix product may differ in its last bit, and the run with it."""
    loader = fresh()
    offsets = [batch[0].storage_offset() for batch in loader]
    resumed = fresh()
    resumed.load_state_dict({**resumed.state_dict(), "batch": 21})
    assert [batch[0].storage_offset() for batch in resumed] == offsets[21:]


def test_the_state_is_plain_and_survives_a_file():
    loader = fresh()
    next(iter(loader))
    state = loader.state_dict()
    assert {type(value) for value in state.values()} <= {int, bool}
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    assert torch.load(file, weights_only=True) == state
    loader.load_state_dict(state)
    assert loader.state_dict() == state


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seed": 1}, "seed=0, and this one has seed=1"),
        ({"batch_size": 8}, "batch_size=4, and this one has batch_size=8"),
        ({"shuffle": False}, "shuffle=True, and this one has shuffle=False"),
        ({"drop_last": True}, "drop_last=False, and this one has drop_last=True"),
        ({"size": 151}, "dataset_size=150, and this one has dataset_size=151"),
    ],
)
def test_the_state_of_another_loader_is_refused(options: dict, said: str):
    state = fresh().state_dict()
    other = fresh(**options)
    before = other.state_dict()
    with pytest.raises(ValueError, match=said) as raised:
        other.load_state_dict(state)
    assert "to go on" in str(raised.value)
    assert other.state_dict() == before


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"batch": 39}, ValueError, "at batch 39, but an epoch has 38"),
        ({"batch": -1}, ValueError, "batch=-1 is too small"),
        ({"epoch": 1.5}, TypeError, "epoch must be an integer, not 1.5"),
    ],
)
def test_an_impossible_state_is_refused(changed: dict, error: type, said: str):
    loader = fresh()
    with pytest.raises(error, match=said):
        loader.load_state_dict({**loader.state_dict(), **changed})


def test_a_state_of_something_else_is_refused():
    with pytest.raises(ValueError, match="not the state of a TensorLoader: it has no epoch, batch"):
        fresh().load_state_dict({"lr": 0.1})
    with pytest.raises(TypeError, match=r"The state of a TensorLoader cannot be None; give what"):
        fresh().load_state_dict(None)


# Loops that are left, and loops inside one another


def test_a_loop_after_break_is_the_next_epoch():
    epochs = [numbers(fresh_after(count)) for count in range(2)]
    loader = fresh()
    for batch in loader:
        assert batch[1].tolist() == epochs[0][0]
        break
    assert (loader.state_dict()["epoch"], loader.state_dict()["batch"]) == (0, 1)
    assert numbers(loader) == epochs[1]


def test_loops_inside_one_another_are_independent():
    epochs = [numbers(fresh_after(count)) for count in range(40)]
    loader, outer, inner = fresh(), [], []
    for batch in loader:
        outer.append(batch[1].tolist())
        inner.append(numbers(loader))
    assert outer == epochs[0]
    assert inner == epochs[1:39]


def test_the_state_is_that_of_the_loop_begun_last():
    loader = fresh()
    old = iter(loader)
    new = iter(loader)
    next(new)
    next(old), next(old)
    assert (loader.state_dict()["epoch"], loader.state_dict()["batch"]) == (1, 1)


def test_a_copy_has_a_position_of_its_own():
    loader = fresh_after(1)
    other = copy.deepcopy(loader)
    assert numbers(other) == numbers(loader)


# What it says of itself, and what it refuses


def test_repr_tells_what_it_is():
    loader = TensorLoader(torch.zeros(1797, 8, 8), torch.zeros(1797, dtype=torch.int64))
    assert repr(loader) == (
        "TensorLoader(1,797 samples in order, batches: 29, each float32 (64, 8, 8), int64 (64,))"
    )
    loader = TensorLoader(torch.zeros(100), shuffle=True, seed=7, drop_last=True)
    assert "shuffled with seed 7, batches: 1, the last one dropped if smaller" in repr(loader)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda: TensorLoader(), ValueError, "got no tensor; give at least one"),
        (lambda: TensorLoader(torch.zeros(0, 3)), ValueError, "got no sample"),
        (
            lambda: TensorLoader(torch.zeros(1797, 2), torch.zeros(3)),
            ValueError,
            "of one length, a row for each sample, but theirs are 1,797 and 3",
        ),
        (lambda: TensorLoader(torch.zeros(3), [1, 2, 3]), TypeError, "argument 2 is of type list"),
        (lambda: TensorLoader(torch.tensor(1.0)), ValueError, "argument 1 has none"),
        (
            lambda: TensorLoader(torch.zeros(3), torch.eye(3).to_sparse()),
            ValueError,
            r"argument 2 has the layout sparse_coo; make it dense with to_dense\(\)",
        ),
        (lambda: fresh(shuffle="no"), TypeError, "shuffle must be True or False, not 'no'"),
        (lambda: fresh(drop_last=None), TypeError, "drop_last must be True or False, not None"),
        (
            lambda: fresh(batch_size=0),
            ValueError,
            "batch_size=0 is too small; it must be at least 1",
        ),
        (lambda: fresh(batch_size=-3), ValueError, "batch_size=-3 is too small"),
        (lambda: fresh(batch_size=2.0), TypeError, "batch_size must be an integer, not 2.0"),
        (lambda: fresh(seed=-1), ValueError, "seed=-1 is too small; it must be at least 0"),
        (lambda: fresh(seed=None), TypeError, "seed must be an integer, not None"),
        (
            lambda: fresh(batch_size=151, drop_last=True),
            ValueError,
            "leaves no batch: 150 samples are fewer than batch_size=151",
        ),
        (lambda: fresh(device="toaster"), ValueError, "device='toaster' cannot hold the data"),
        (lambda: fresh(device="cuda:99"), ValueError, "device='cuda:99' cannot hold the data"),
    ],
)
def test_what_cannot_be_cut_is_refused_in_one_sentence(make, error: type, said: str):
    with pytest.raises(error, match=said) as raised:
        make()
    assert "\n" not in str(raised.value) and str(raised.value).endswith(".")


def test_the_data_is_moved_once():
    loader = TensorLoader(torch.zeros(10, 2), torch.zeros(10), batch_size=4, device="meta")
    assert {tensor.device.type for tensor in loader.tensors} == {"meta"}
    row, number = next(iter(loader))
    assert row.device.type == number.device.type == "meta"
    assert row.shape == (4, 2)
