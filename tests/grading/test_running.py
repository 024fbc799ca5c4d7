"""A check says the same under any settings, and leaves all of them as they were."""

import contextlib
import random
import sys
import warnings

import numpy
import pytest
import torch

import exercises
from helpers.grading._running import (
    count_steps,
    learners_line,
    learners_warnings,
    standard_settings,
    without_warnings,
)
from helpers.grading.exercise import KnownMistake
from helpers.grading.grade import State, grade
from tests.grading.declared import doubled, is_right, told, value


def settings() -> dict[str, object]:
    """What an answer may have changed."""
    return {
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "threads": torch.get_num_threads(),
        "gradients": torch.is_grad_enabled(),
        "deterministic": torch.get_deterministic_debug_mode(),
        "precision": torch.get_float32_matmul_precision(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "anomalies": torch.is_anomaly_enabled(),
        "cuDNN": (torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark),
        "printing": (str(torch.tensor([1 / 3])), str(numpy.array([1 / 3]))),
        "errors": numpy.geterr(),
        "recursion": sys.getrecursionlimit(),
        "filters": list(warnings.filters),
        "torch's numbers": torch.get_rng_state().tolist(),
        "numbers": random.getstate(),
        "NumPy's numbers": numpy.random.get_state()[1].tolist(),
    }


def upsets(values):
    """Twice the values; every setting is another one afterwards."""
    result = values * 2
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_num_threads(torch.get_num_threads() % 2 + 1)
    torch.set_grad_enabled(False)
    torch.set_deterministic_debug_mode("warn")
    torch.set_float32_matmul_precision("medium")
    torch.set_autocast_enabled("cpu", True)
    torch.autograd.set_detect_anomaly(True)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = True
    torch.set_printoptions(precision=1)
    numpy.set_printoptions(precision=1)
    numpy.seterr(all="raise")
    sys.setrecursionlimit(5000)
    warnings.simplefilter("error")
    torch.manual_seed(5)
    random.seed(5)
    numpy.random.seed(5)
    return result


@contextlib.contextmanager
def changed(set_it, put_back):
    """A block under a setting of the notebook's."""
    set_it()
    try:
        yield
    finally:
        put_back()


NOTEBOOKS = {
    "float64": lambda: changed(
        lambda: torch.set_default_dtype(torch.float64),
        lambda: torch.set_default_dtype(torch.float32),
    ),
    "bfloat16": lambda: changed(
        lambda: torch.set_default_dtype(torch.bfloat16),
        lambda: torch.set_default_dtype(torch.float32),
    ),
    "meta": lambda: changed(
        lambda: torch.set_default_device("meta"), lambda: torch.set_default_device(None)
    ),
    "with meta": lambda: torch.device("meta"),
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    "deterministic": lambda: changed(
        lambda: torch.use_deterministic_algorithms(True),
        lambda: torch.use_deterministic_algorithms(False),
    ),
    "warnings": lambda: changed(
        lambda: warnings.simplefilter("error"), lambda: warnings.filters.pop(0)
    ),
    "NumPy raises": lambda: numpy.errstate(all="raise"),
}


@pytest.mark.parametrize("notebook", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_the_verdict_is_the_same_in_any_notebook(notebook):
    asked = doubled(
        model_answer="torch.ones(2, 2) @ torch.full((2, 1), 0.3) * values.sum()",
        mistakes=(KnownMistake("torch.zeros(2, 1)", "these are zeros"),),
    )
    with notebook():
        before = settings()
        assert is_right(asked, lambda v: torch.full((2, 1), 0.6) * v.sum())
        assert "these are zeros" in told(asked, lambda v: torch.zeros(2).unsqueeze(1))
        assert settings() == before


def test_gradients_flow_in_any_notebook():
    cases = {"cases": lambda: [(torch.tensor([1.0, 3.0], requires_grad=True),)]}
    for name in ("no_grad", "inference_mode", "with meta", "float64"):
        with NOTEBOOKS[name]():
            assert is_right(doubled(**cases), lambda v: v + v), name
            assert "carries no gradient" in told(doubled(**cases), lambda v: v.detach() * 2)


def test_settings_that_an_answer_changes_are_put_back():
    before = settings()
    assert is_right(doubled(), upsets)
    assert settings() == before
    told(doubled(), lambda v: (upsets(v), v)[1])
    told(doubled(), lambda v: (upsets(v), 1 / 0))
    cases = {"cases": lambda: [(torch.tensor([1.0, 3.0], requires_grad=True),)]}
    assert is_right(doubled(**cases), upsets), "the gradient is taken under standard settings"
    assert settings() == before


def test_a_value_made_under_another_default_dtype_is_told_so():
    asked = value()
    with NOTEBOOKS["float64"]():
        text = told(asked, torch.tensor([1.0, 2.0]))
        assert "Note: torch.set_default_dtype(torch.float64) is in force in this notebook" in text
        assert "Note" not in told(asked, torch.tensor([1, 2])), "int64 has another cause"
        assert is_right(asked, torch.tensor([1.0, 2.0], dtype=torch.float32))
    assert "Note" not in told(asked, torch.tensor([1.0, 2.0], dtype=torch.float64))


def test_all_random_numbers_are_seeded():
    body = "values + torch.rand(1) + random.random() + np.random.rand()"
    noisy = doubled(model_answer=f"import random\nreturn ({body}).float()")

    def noise(values):
        drawn = torch.rand(1) + random.random()
        return (values + (drawn + numpy.random.rand())).float()

    random.seed(3), numpy.random.seed(3), torch.manual_seed(3)
    before = settings()
    assert is_right(noisy, noise)
    assert settings() == before


class TestWarnings:
    MISTAKE = "import warnings\nwarnings.warn('a slip')\nreturn values * 3"
    MODEL = "import warnings\nwarnings.warn('a model')\nreturn values * 2"

    @pytest.mark.parametrize("action", ["error", "always", "default"])
    def test_of_the_courses_own_code_are_none_of_the_learners(self, action):
        asked = doubled(model_answer=self.MODEL, mistakes=(KnownMistake(self.MISTAKE, "three"),))
        with warnings.catch_warnings(record=True) as shown:
            warnings.simplefilter(action)
            assert is_right(asked, lambda v: v * 2)
            assert "Likely slip: three" in told(asked, lambda v: v * 3)
        assert shown == []

    def test_of_the_learners_code_are_shown_and_do_not_raise(self):
        def warns(values):
            warnings.warn("mine", stacklevel=1)
            return values * 2

        for action, count in (("error", 2), ("always", 2), ("ignore", 0)):
            with warnings.catch_warnings(record=True) as shown:
                warnings.simplefilter(action)
                assert is_right(doubled(), warns)
            assert [str(each.message) for each in shown] == ["mine"] * count
            assert all(each.filename == __file__ for each in shown)

    def test_of_the_courses_functions_in_the_learners_call_are_dropped(self):
        with warnings.catch_warnings(record=True) as shown:
            warnings.simplefilter("always")
            with learners_warnings():
                path = __file__.replace("/tests/grading/", "/exercises/chapter_99/")
                warnings.warn_explicit("ours", UserWarning, path, 1)
                warnings.warn_explicit("theirs", UserWarning, "cell", 1)
            with without_warnings():
                warnings.warn("silent", stacklevel=1)
        assert [str(each.message) for each in shown] == ["theirs"]


def test_the_learners_line_is_none_of_the_libraries():
    def divides():
        return torch.nn.functional.linear(torch.ones(2), torch.ones(3, 3))

    try:
        divides()
    except RuntimeError as error:
        assert "return torch.nn.functional.linear" in learners_line(error)
    with pytest.raises(ModuleNotFoundError) as caught:
        __import__("no_such_module_anywhere")
    assert "__import__" in learners_line(caught.value)
    assert learners_line(ValueError("never raised")) == ""


class TestSteps:
    def test_a_loop_grows_with_its_input(self):
        def loop(values):
            return torch.stack([each * 2 for each in values])

        small, large = (count_steps(loop, (torch.ones(n),)) for n in (3, 50))
        assert large.grew_since(small) and not small.grew_since(large)
        assert not large.made_list

    def test_one_call_does_not(self):
        small, large = (count_steps(lambda v: v * 2, (torch.ones(n),)) for n in (3, 50))
        assert not large.grew_since(small)
        assert large.torch_calls == 1

    def test_a_python_list_is_noticed(self):
        assert count_steps(lambda v: torch.tensor(v.tolist()), (torch.ones(2),)).made_list

    def test_a_debugger_stays(self):
        def tracer(*_):
            return None

        before = sys.gettrace()
        sys.settrace(tracer)
        try:
            count_steps(lambda v: v * 2, (torch.ones(2),))
            assert sys.gettrace() is tracer
        finally:
            sys.settrace(before)


def test_standard_settings_end_when_the_block_raises():
    before = settings()
    with pytest.raises(ZeroDivisionError), standard_settings():
        torch.set_default_dtype(torch.float64)
        raise ZeroDivisionError
    assert settings() == before


def test_an_exercise_makes_its_context():
    entered = []

    @contextlib.contextmanager
    def context():
        entered.append("in")
        yield
        entered.append("out")

    def answer(values):
        entered.append("called")
        return values * 2

    assert grade(doubled(context=context), answer).state is State.RIGHT
    assert entered == ["in", "called", "called", "out"]


@pytest.mark.parametrize("name", ["float64", "meta", "warnings"])
def test_model_answers_are_right_in_any_notebook(name):
    declared = [e for number in ("01", "02") for e in exercises.chapter(number).exercises]
    with NOTEBOOKS[name]():
        for exercise in declared:
            if not exercise.asks_for_value:
                report = grade(exercise, exercise.run(exercise.model_answer))
                assert report.state is State.RIGHT, str(report)
