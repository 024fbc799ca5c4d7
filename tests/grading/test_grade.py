"""Grading: what every check catches, in which order, and what cannot fool it."""

import _thread
from dataclasses import FrozenInstanceError
from unittest.mock import MagicMock

import numpy
import pytest
import torch

from helpers.grading.exercise import KnownMistake
from helpers.grading.grade import State, grade
from tests.grading.declared import doubled, is_right, looked_at, told, value, with_gradient

DOUBLED, WITH_GRADIENT, ANSWER = doubled(), with_gradient(), value()


def half_cut(values):
    return values + values.detach()


def squared_and_used_up(values):
    result = values * values
    result.sum().backward()
    return result


class TestDiagnosis:
    def test_says_what_was_called_got_and_expected(self):
        text = told(DOUBLED, lambda values: values * 3)
        assert "Called with: a 3-element float32 tensor: [1.0, 3.0, 5.0]" in text
        assert "Got: a 3-element float32 tensor: [3.0, 9.0, 15.0]" in text
        assert "Expected: a 3-element float32 tensor: [2.0, 6.0, 10.0]" in text
        assert "every value is 1.5 times the right one" in text

    def test_names_a_known_slip(self):
        assert "Likely slip: this is the square" in told(DOUBLED, lambda v: v * v)

    def test_dtype_then_shape_then_values(self):
        assert "dtype float64 instead of float32: the values are right" in told(
            DOUBLED, lambda v: (v * 2).double()
        )
        assert "a dimension of size 1 is the difference" in told(DOUBLED, lambda v: (v * 2)[None])
        assert "every sign is the opposite one" in told(DOUBLED, lambda v: v * -2)
        assert "every value is 1 too large" in told(DOUBLED, lambda v: v * 2 + 1)
        assert "1 of 3 values; at index [2]: 0.0 instead of 10.0" in told(
            DOUBLED, lambda v: torch.cat([v[:-1] * 2, torch.zeros(1)])
        )

    def test_exchanged_rows_and_columns(self):
        square = doubled(cases=lambda: [(torch.arange(9.0).reshape(3, 3),)])
        assert "rows and columns are exchanged" in told(square, lambda v: v.t() * 2)

    def test_other_types(self):
        assert "without `return`" in told(DOUBLED, lambda v: None)
        assert "NumPy array was returned" in told(DOUBLED, lambda v: v.numpy() * 2)
        assert "the type is list" in told(DOUBLED, lambda v: (v * 2).tolist())
        assert "pass" not in told(DOUBLED, 3.0)
        assert "the function itself: ex.doubled.check(doubled)" in told(DOUBLED, 3.0)

    def test_a_forgotten_bracket_and_a_result_of_several_parts(self):
        assert "are the brackets () missing?" in told(DOUBLED, lambda v: (v * 2).clone)
        several = told(DOUBLED, lambda v: (v * 2).sort())
        assert "choose with .values or .indices" in several

    def test_an_input_that_lost_its_gradient(self):
        cut = with_gradient(model_answer="values.detach() * 2")
        assert "whether its input carries" in told(cut, lambda v: v.detach_() * 2)

    def test_a_difference_too_small_for_a_pattern_is_no_factor(self):
        assert "times the right one" not in told(DOUBLED, lambda v: v * 2.001)

    def test_a_text_is_pointed_into(self):
        text = value(model_answer="'localhost:8888'")
        assert "the same up to 'localhost:', then '9999' differs" in told(text, "localhost:9999")
        assert "it ends after 'local'; 'host:8888' is missing" in told(text, "local")
        assert "differ from the first character on" in told(text, "127.0.0.1:8888")
        assert "the type is int; str was asked for" in told(text, 8888)

    def test_parts_of_a_list_are_counted_and_shown_until_they_differ(self):
        numbers = value(model_answer="[2.0, 8 / 3]")
        assert "1 element instead of 2" in told(numbers, [2.0])
        assert "element 1: 2.667 instead of 2.666667" in told(numbers, [2.0, 2.667])

    def test_an_exception_shows_the_learners_own_line(self):
        answer = DOUBLED.run("shorter = values[:-1]\nreturn values * shorter")
        text = told(DOUBLED, answer)
        assert "Your code: line 3: return values * shorter" in text
        assert "Error: RuntimeError: The size of tensor a (3) must match" in text

    def test_leaving_python_is_only_a_wrong_answer(self):
        def leave(values):
            raise SystemExit(2)

        assert "SystemExit: 2" in told(DOUBLED, leave)

    def test_an_input_changed_in_place(self):
        assert "`old.clone()` is a copy" in told(DOUBLED, lambda v: v.mul_(2))
        for given, copy in (([1, 2], "list(old)"), ({"x": 1}, "dict(old)")):
            cases = {"cases": lambda given=given: [(given.copy(),)]}
            asked = doubled(model_answer="len(values)", **cases)
            assert f"`{copy}` is a copy" in told(asked, lambda v: v.clear())

    def test_views_and_copies(self):
        whole = doubled(model_answer="values.clone()", asks=frozenset({"copy"}))
        assert "a view: writing to it would change" in told(whole, lambda v: v[:])
        part = doubled(model_answer="values[:1]", asks=frozenset({"view"}))
        assert "a copy: a view" in told(part, lambda v: v[:1].clone())
        assert grade(part, lambda v: v[:1]).state is State.RIGHT

    def test_in_place_where_it_is_asked(self):
        change = doubled(model_answer="values.mul_(2)", asks=frozenset({"in place"}))
        assert grade(change, lambda v: v.mul_(2)).state is State.RIGHT
        assert "Got: a 3-element float32 tensor: [1.0, 3.0, 5.0]" in told(change, lambda v: v * 2)

    def test_gradients(self):
        assert grade(WITH_GRADIENT, lambda v: v + v).state is State.RIGHT
        assert "carries no gradient" in told(WITH_GRADIENT, lambda v: v.detach() * 2)
        wrong = told(WITH_GRADIENT, lambda v: v + v.detach())
        assert "right values, but a wrong gradient for values" in wrong
        cut = with_gradient(model_answer="values.detach() * 2")
        assert "still carries the gradient" in told(cut, lambda v: v * 2)
        pair = with_gradient(model_answer="values.detach() * 2, 1")
        assert "still carries the gradient" in told(pair, lambda v: (v * 2, 1))

    def test_a_slip_in_the_gradient_alone_is_told_from_another(self):
        half = KnownMistake("values + values.detach()", "one half is cut off")
        none = KnownMistake("values.detach() * 2", "all of it is cut off")
        both = with_gradient(mistakes=(half, none))
        assert "Likely slip: one half is cut off" in told(both, half_cut)
        assert "Likely slip: all of it is cut off" in told(both, lambda v: v.data * 2)
        assert "Likely slip" not in told(both, lambda v: v * 3 - v.detach())

    def test_a_gradient_for_one_of_two_arguments(self):
        difference = with_gradient(
            signature="difference(student, teacher)",
            model_answer="student - teacher.detach()",
            mistakes=(),
            cases=lambda: [(torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True))],
        )
        assert "a gradient flows to teacher, where none should" in told(
            difference, lambda student, teacher: student - teacher
        )
        assert "no gradient flows to student" in told(
            difference, lambda student, teacher: student.detach() - teacher * 1 + 0
        )

    def test_a_changed_input_is_no_other_slip(self):
        squared = doubled(mistakes=(KnownMistake("values * 3", "three times"),))
        assert "Likely slip" not in told(squared, lambda values: values.mul_(3))

    def test_a_graph_that_is_used_up(self):
        squared = with_gradient(model_answer="values * values", mistakes=())
        text = told(squared, squared_and_used_up)
        assert "no gradient can flow back: Trying to backward through the graph" in text

    def test_gradients_are_recorded_whatever_was_switched_off(self):
        with torch.no_grad():
            assert grade(WITH_GRADIENT, lambda v: v + v).state is State.RIGHT
        grade(DOUBLED, lambda v: torch.set_grad_enabled(False))
        assert torch.is_grad_enabled()

    def test_one_of_several_right_results(self):
        in_any_order = doubled(canonical=lambda result, values: result.sort().values)
        assert grade(in_any_order, lambda v: v.flip(-1) * 2).state is State.RIGHT
        assert "Expected: a 3-element" in told(in_any_order, lambda v: v.flip(-1) * 3)
        assert "the type is str" in told(in_any_order, lambda v: "no tensor at all")

    def test_arguments_that_are_functions_or_dictionaries(self):
        parts = {
            "signature": "doubled(function, values)",
            "right": (),
            "mistakes": (),
            "cases": lambda: [(half_cut, {"x": [1.0, "one"]})],
        }
        asked = doubled(model_answer="values['x']", **parts)
        text = told(asked, lambda function, values: {"x": 1.0})
        assert "Called with: function = the function half_cut, values = {'x': [1" in text
        assert "Got: {'x': 1.0 (a float)}" in text
        as_mapping = doubled(model_answer="{'x': 2.0, 'y': 3.0}", **parts)
        assert is_right(as_mapping, lambda function, values: {"x": 2.0, "y": 3.0})
        text = told(as_mapping, lambda function, values: {"x": 1.0, "y": 3.0})
        assert "Difference: 'x': 1.0 instead of 2.0" in text

    def test_the_part_that_differs_is_named_once(self):
        nested = doubled(model_answer="7, (values, 3)")

        def difference(answer):
            return told(nested, answer).partition("Difference: ")[2].splitlines()[0]

        assert difference(lambda v: (8, (v, 3))) == "element 0: 8 instead of 7"
        assert difference(lambda v: (7, (v, 4))) == "element 1: element 1: 4 instead of 3"
        assert difference(lambda v: (7, (v[None], 3))).startswith(
            "element 1: element 0: shape (1, 3) instead of (3,)"
        )
        assert difference(lambda v: (None, (v, 3))) == "element 0: None instead of 7 (an int)"
        inner = difference(lambda v: (7.0, (v, 3)))
        assert inner == "element 0: 7.0 (a float) instead of 7 (an int); " + (
            "the type is float; int was asked for"
        )
        assert difference(lambda v: (7, [v, 3])) == "element 1: a tuple was asked for"
        few = doubled(model_answer="1, [2, 3]")
        assert (
            "Difference: element 1: [2] instead of [2, 3]\n" in told(few, lambda v: (1, [2])) + "\n"
        )

    def test_numbers_that_read_alike_are_shown_in_full(self):
        asked = doubled(model_answer="values * 0.29406")
        assert "at index [0]: 0.29414 instead of 0.29406" in told(asked, lambda v: v * 0.29414)

    def test_loops(self):
        fast = doubled(large=lambda: (torch.ones(50),))
        assert grade(fast, lambda v: v * 2).state is State.RIGHT
        assert "in a loop" in told(fast, lambda v: torch.stack([x * 2 for x in v]))
        as_list = told(fast, lambda v: torch.tensor(v.tolist()) * 2)
        assert "by way of a Python list" in as_list


class TestLargeInput:
    FAST = doubled(large=lambda: (torch.ones(50),))

    def test_what_runs_once_beside_a_large_input_is_no_loop(self):
        waiting = [(), range(1000)]  # for the call that is compared, and the one that is counted

        def beside_a_finaliser(values):
            if len(values) > 10 and waiting:
                for _ in waiting.pop(0):
                    pass
            return values * 2

        assert grade(self.FAST, beside_a_finaliser).state is State.RIGHT
        assert not waiting

    def test_an_error_there_is_an_error(self):
        text = told(self.FAST, lambda v: v * 2 if len(v) < 10 else v / nothing)  # noqa: F821
        assert "Called with: a 50-element float32 tensor\n" in text
        assert "NameError: name 'nothing' is not defined" in text

    def test_a_wrong_value_there_is_wrong(self):
        text = told(self.FAST, lambda v: v * (2 if len(v) < 10 else 3))
        assert "every value is 1 too large" in text


class TestOddAnswers:
    def test_sparse_quantised_and_other_tensors_are_told_how_to_become_ordinary(self):
        assert "`.to_dense()` makes it" in told(DOUBLED, lambda v: (v * 2).to_sparse())
        assert "on the device meta" in told(DOUBLED, lambda v: (v * 2).to("meta"))
        assert "10,000,000 elements instead of 3" in told(
            DOUBLED, lambda v: (v * 2)[:1].expand(10**7)
        )
        nested = doubled(model_answer="[values, {'a': values}]")
        text = told(nested, lambda v: [v, {"a": v.to_sparse()}])
        assert "element 1: 'a': this tensor is sparse" in text

    def test_an_exercise_may_ask_for_a_sparse_tensor(self):
        asked = doubled(model_answer="(values * 2).to_sparse()", right=(), mistakes=())
        assert is_right(asked, lambda v: v.to_sparse() * 2)
        assert "a sparse tensor was asked for" in told(asked, lambda v: v * 2)
        assert "Got: a 3-element float32 tensor (sparse): [3.0" in told(
            asked, lambda v: v.to_sparse() * 3
        )

    def test_async_and_generators(self):
        async def later(values):
            return values * 2

        def piecewise(values):
            yield values * 2

        assert "write `def`" in told(DOUBLED, later)
        assert "`yield` makes a generator" in told(DOUBLED, piecewise)

    def test_an_input_that_was_made_into_something_odd(self):
        given = {"cases": lambda: [([1, 2],)]}
        asked = doubled(model_answer="len(values)", mistakes=(), **given)

        def holds_itself(values):
            values.append(values)
            return 2

        assert "`list(old)` is a copy" in told(asked, holds_itself)

    def test_a_gradient_function_of_the_learners_that_raises(self):
        class Twice(torch.autograd.Function):
            @staticmethod
            def forward(ctx, values):
                return values * 2

            @staticmethod
            def backward(ctx, upstream):
                raise ValueError("my own backward")

        text = told(WITH_GRADIENT, Twice.apply)
        assert "right values, but no gradient can flow back: my own backward" in text

    def test_what_is_called_in_place_of_a_function(self):
        class Disguised:
            __class__ = property(lambda self: int(self))

        assert "Got: a Disguised" in told(DOUBLED, Disguised())

    def test_looking_at_it_is_no_crash(self):
        def look(result, size):
            return result.weight

        asked = looked_at(
            signature="layer(size)",
            title="a layer",
            prompt="Make one.",
            look=look,
            then="its weight was read",
            cases=lambda: [(2,)],
            model_answer="nn.Linear(size, 1)",
        )
        text = told(asked, lambda size: size)
        assert "Error: AttributeError: 'int' object has no attribute 'weight'" in text
        assert "Then" not in text

    def test_what_is_no_exercise_is_refused(self):
        with pytest.raises(TypeError, match="exercise is an Exercise, not str"):
            grade("doubled", lambda v: v)


class TestNotChecked:
    @pytest.mark.parametrize(
        "parts",
        [
            {"model_answer": "values / nothing"},
            {"model_answer": "raise SystemExit"},
            {"cases": [lambda: (torch.ones(2) @ torch.ones(3),)]},
            {"context": lambda: 1 / 0},
        ],
        ids=["model", "exit", "cases", "context"],
    )
    def test_a_check_that_fails_itself_judges_nothing(self, parts):
        report = grade(doubled(**parts), lambda v: v * 2)
        assert report.state is State.NOT_CHECKED
        findings = dict(report.findings)
        assert findings["Problem"].startswith("the check itself failed, so nothing is said")
        assert "Expected" not in findings and findings["Error"]

    def test_nor_does_one_of_a_value(self):
        report = grade(value(model_answer="nothing"), torch.ones(2))
        assert report.state is State.NOT_CHECKED
        assert "NameError" in dict(report.findings)["Error"]

    def test_none_is_expected_of_no_answer(self):
        """Where PyTorch itself was broken by the notebook, a right answer is not refused."""
        asked = doubled(model_answer="torch.add(values, values)")
        kept = torch.add
        torch.add = None
        try:
            report = grade(asked, lambda v: v * 2)
        finally:
            torch.add = kept
        assert report.state is State.NOT_CHECKED and "Expected" not in str(report)


class TestStates:
    def test_not_tried(self):
        assert grade(DOUBLED, ...).state is State.NOT_TRIED
        assert grade(DOUBLED, lambda v: ...).state is State.NOT_TRIED
        assert grade(ANSWER, ...).state is State.NOT_TRIED

    def test_a_value(self):
        assert grade(ANSWER, torch.tensor([1.0, 2.0])).state is State.RIGHT
        assert "dtype int64" in told(ANSWER, torch.tensor([1, 2]))

    def test_an_interrupt_ends_an_endless_loop(self):
        def never_ends(values):
            _thread.interrupt_main()  # not before the answer runs, however slow the machine is
            while True:
                pass

        assert "Interrupted: you stopped it" in told(DOUBLED, never_ends)

    def test_randomness_is_seeded_and_put_back(self):
        noisy = doubled(model_answer="values + torch.rand(values.shape)")
        torch.manual_seed(7)
        expected = torch.rand(2)
        torch.manual_seed(7)
        report = grade(noisy, lambda v: v + torch.rand_like(v))
        assert report.state is State.RIGHT
        assert torch.equal(torch.rand(2), expected)


class TestCannotBeFooled:
    def test_by_printing(self, capsys):
        def confident(values):
            print("Right: correct")

        assert grade(DOUBLED, confident).state is State.WRONG

    def test_by_objects_that_equal_everything(self):
        class Chameleon(torch.Tensor):
            @classmethod
            def __torch_function__(cls, *arguments, **keywords):
                return True

        mock = MagicMock()
        mock.__eq__ = lambda *_: True
        for answer in (mock, Chameleon(), numpy.ma.masked):
            text = told(DOUBLED, lambda v, answer=answer: answer)
            assert "a plain torch.Tensor was asked for" in text

    def test_by_replacing_functions_of_pytorch(self, monkeypatch):
        def patching(values):
            for name in ("equal", "allclose", "isclose"):
                monkeypatch.setattr(torch, name, lambda *_, **__: True)
            for name in ("__eq__", "equal", "allclose", "tolist"):
                monkeypatch.setattr(torch.Tensor, name, lambda *_, **__: True)
            return torch.zeros(values.shape)

        report = grade(DOUBLED, patching)
        monkeypatch.undo()
        assert report.state is State.WRONG

    def test_by_replacing_the_expected_value(self):
        with pytest.raises(FrozenInstanceError):
            DOUBLED.model_answer = "values * 3"

    def test_by_changing_what_it_was_called_with(self):
        def erases(values):
            values.zero_()
            return values

        assert grade(DOUBLED, erases).state is State.WRONG
