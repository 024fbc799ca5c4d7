"""Snapshots and outcomes: every kind of value is taken down, and nothing of it is run."""

import math
import types
import warnings

import numpy
import pytest
import torch

from helpers.grading import _outcome
from helpers.grading._outcome import (
    Snapshot,
    close,
    compared_part,
    differing,
    observe,
    same,
    snapshot,
    type_name,
)
from tests.grading.declared import doubled, with_gradient


def made(kind: str) -> torch.Tensor:
    """A tensor of a kind that PyTorch warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind == "nested":
            return torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])
        if kind == "quantised":
            return torch.quantize_per_tensor(torch.tensor([0.5]), 0.5, 0, torch.quint8)
        return torch.eye(2).to_sparse_csr()


def in_itself() -> list:
    """A list that holds itself."""
    held: list = []
    held.append(held)
    return held


def shared(levels: int) -> list:
    """A list in a list, twice in each: 2 to the power of `levels` elements."""
    held: list = [0]
    for _ in range(levels):
        held = [held, held]
    return held


class TestSnapshot:
    def test_a_tensor(self):
        taken = snapshot(torch.tensor([[1, 2], [3, 4]], dtype=torch.int32))
        assert taken == Snapshot("tensor", "Tensor", (2, 2), "int32", (1, 2, 3, 4))
        assert snapshot(torch.tensor(2.0, requires_grad=True)).carries_gradient
        assert snapshot(torch.nn.Parameter(torch.ones(1))).type_name == "Parameter"
        assert snapshot(torch.empty(0, 3)).values == ()

    def test_an_array(self):
        taken = snapshot(numpy.array([1.5, 2.5], dtype="float32"))
        assert taken == Snapshot("array", "ndarray", (2,), "float32", (1.5, 2.5))
        assert snapshot(numpy.ones(1, dtype=numpy.longdouble)).values == (1.0,)
        assert type(snapshot(numpy.ones(1, dtype=numpy.longdouble)).values[0]) is float

    def test_parts(self):
        taken = snapshot([1, (2.0,)])
        assert (taken.kind, taken.type_name, taken.shape) == ("sequence", "list", (2,))
        assert taken.values[1].type_name == "tuple"
        assert snapshot(torch.Size([1])).type_name == "tuple"
        assert snapshot({"a": 1}).values[0].values[0].values == ("a",)

    def test_what_cannot_be_compared(self):
        assert snapshot(math.sin) == Snapshot("function", "function sin")
        assert snapshot(lambda: 0).type_name == "function"
        assert snapshot({1}) == Snapshot("object", "set")
        assert snapshot(torch.max(torch.ones(1), 0)).values == ("values", "indices")

    @pytest.mark.parametrize(
        ("value", "special", "values"),
        [
            (torch.eye(2).to_sparse(), "sparse", (1.0, 0.0, 0.0, 1.0)),
            (made("sparse rows"), "sparse", (1.0, 0.0, 0.0, 1.0)),
            (torch.ones(2).to_mkldnn(), "sparse", (1.0, 1.0)),
            (torch.ones(2, device="meta"), "on the device meta", ()),
            (torch.zeros(1).expand(10**12), "too large", ()),
            (made("nested"), "nested", ()),
            (numpy.array([None, object()], dtype=object), "unreadable", ()),
            (numpy.broadcast_to(numpy.zeros(1), (10**10,)), "too large", ()),
            (list(range(100_000)), "too large", ()),
        ],
        ids=["coo", "csr", "mkldnn", "meta", "huge", "nested", "object", "huge array", "long"],
    )
    def test_what_sets_it_apart(self, value, special, values):
        taken = snapshot(value)
        assert (taken.special, taken.values) == (special, values)
        assert taken.is_read == bool(values)
        assert same(taken, snapshot(value)) == taken.is_read, "what is not read is never the same"

    def test_a_quantised_tensor_is_read(self):
        taken = snapshot(made("quantised"))
        assert (taken.special, taken.values, taken.dtype) == ("quantised", (0.5,), "quint8")

    def test_a_sparse_tensor_is_not_the_same_as_a_dense_one(self):
        assert not same(snapshot(torch.eye(2).to_sparse()), snapshot(torch.eye(2)))
        assert not same(snapshot(torch.eye(2)), snapshot(torch.eye(2).to_sparse()))

    def test_lists_without_an_end(self):
        taken = snapshot(in_itself())
        while taken.values:
            (taken,) = taken.values
        assert taken.special == "too deep"
        assert not same(snapshot(in_itself()), snapshot(in_itself()))
        assert snapshot(shared(40)).kind == "sequence"

    def test_complex_and_odd_dtypes(self):
        assert snapshot(torch.tensor([1 + 2j]).conj()).values == (1 - 2j,)
        assert snapshot(torch.ones(1, dtype=torch.uint16)).values == (1,)
        assert snapshot(torch.ones(1).to(torch.float8_e4m3fn)).values == (1.0,)

    def test_nothing_of_the_value_is_run(self):
        class Meta(type):
            def __getattribute__(cls, name):
                raise SystemExit(name)

        class Evil(metaclass=Meta):
            def __getattribute__(self, name):
                raise SystemExit(name)

        class Disguised:
            __class__ = property(lambda self: (_ for _ in ()).throw(SystemExit()))

        class Tensor(torch.Tensor):
            @classmethod
            def __torch_function__(cls, *arguments, **keywords):
                raise SystemExit

        assert snapshot(Evil()) == Snapshot("object", "Evil")
        assert snapshot(Evil) == Snapshot("object", "Meta")
        assert snapshot(Disguised()).type_name == type_name(Disguised()) == "Disguised"
        assert snapshot(torch.ones(1).as_subclass(Tensor)).kind == "object"
        assert snapshot([Evil()]).values[0].type_name == "Evil"

    def test_a_tensor_left_behind_by_a_transformation(self):
        kept = []
        torch.vmap(lambda value: kept.append(value) or value)(torch.ones(2))
        assert snapshot(kept[0]).kind in ("object", "tensor")
        assert not same(snapshot(kept[0]), snapshot(torch.tensor(1.0)))


class TestSame:
    def test_nan_where_nan_is_right(self):
        assert same(snapshot(torch.tensor(torch.nan)), snapshot(torch.tensor(torch.nan)))
        assert not same(snapshot(torch.tensor(torch.nan)), snapshot(torch.tensor(1.0)))

    def test_integers_have_no_tolerance(self):
        big = 10**9
        assert not same(snapshot(torch.tensor(big)), snapshot(torch.tensor(big + 1)))
        assert not same(snapshot(True), snapshot(1))

    def test_the_tolerance_is_relative_and_a_hundredth_of_it_absolute(self):
        assert close(1.0, 1.00009, 1e-4) and not close(1.0, 1.00011, 1e-4)
        assert close(0.0, 0.9e-6, 1e-4) and not close(0.0, 1.1e-6, 1e-4)
        assert close(1 + 1j, 1 + 1.00009j, 1e-4) and not close(1 + 1j, 1 + 1.001j, 1e-4)
        assert close(math.inf, math.inf, 1e-4) and not close(math.inf, -math.inf, 1e-4)

    def test_kind_shape_and_dtype_count(self):
        ones = torch.ones(4)
        for other in (ones[None], ones.double(), ones.numpy(), ones.tolist()):
            assert not same(snapshot(other), snapshot(ones))
        assert not same(snapshot([1]), snapshot((1,)))
        assert same(snapshot(torch.nn.Parameter(ones)), snapshot(ones))

    def test_objects_and_functions_are_never_the_same(self):
        for value in (math.sin, object()):
            assert not same(snapshot(value), snapshot(value))

    def test_where_they_differ(self):
        got, expected = snapshot([1, [2, 3], "a"]), snapshot([1, [2, 4], "b"])
        assert list(differing(got, expected)) == [1, 2]


class TestObserve:
    def test_a_value_with_its_gradient(self):
        exercise = with_gradient()
        outcome = observe(exercise, lambda v: v * 2, exercise.case(0))
        assert outcome.value.values == (2.0, 6.0)
        assert outcome.gradients["values"].values == (1.0, -3.0), "weights of both signs"
        assert outcome.error is None and outcome.error_text == "" and outcome.tried

    def test_no_gradient_of_what_is_too_large(self, monkeypatch):
        monkeypatch.setattr(_outcome, "MOST_ELEMENTS", 1)
        exercise = with_gradient()
        assert observe(exercise, lambda v: v * 2, exercise.case(0)).gradients == {}

    def test_an_exception_with_the_learners_line(self):
        def divides(values):
            return values / nothing  # noqa: F821

        outcome = observe(doubled(), divides, (torch.ones(1),))
        assert outcome.error_text == "NameError: name 'nothing' is not defined"
        assert outcome.line.endswith("return values / nothing  # noqa: F821")

    @pytest.mark.parametrize("error", [SystemExit(2), KeyboardInterrupt(), GeneratorExit()])
    def test_whatever_is_raised_is_an_outcome(self, error):
        def raises(values):
            raise error

        assert observe(doubled(), raises, (torch.ones(1),)).error is error

    def test_a_message_that_cannot_be_read(self):
        class Mute(Exception):
            def __str__(self):
                raise SystemExit

        def raises(error):
            raise error

        assert observe(doubled(), raises, (Mute(),)).error_text == "Mute"
        assert len(observe(doubled(), raises, (ValueError("x" * 10**6),)).error_text) < 2000

    @pytest.mark.filterwarnings("error")
    def test_a_coroutine_is_closed(self):
        async def waits(values):
            return values

        outcome = observe(doubled(), waits, (torch.ones(1),))
        assert outcome.value.type_name == types.CoroutineType.__name__

    def test_the_untried_is_no_value(self):
        assert not observe(doubled(), lambda v: ..., (torch.ones(1),)).tried

    def test_shared_memory(self):
        values = torch.ones(3)
        assert observe(doubled(), lambda v: v[1:], (values,)).shares_memory
        assert not observe(doubled(), lambda v: v[1:].clone(), (values,)).shares_memory

    def test_one_that_cannot_be_converted_is_compared_as_it_is(self):
        exercise = doubled(canonical=lambda result, values: result.sort().values)
        assert compared_part(exercise, torch.tensor([2, 1]), (None,)).values == (1, 2)
        assert compared_part(exercise, "text", (None,)).values == ("text",)
