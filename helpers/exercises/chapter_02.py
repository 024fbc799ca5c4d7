"""Exercises and predictions of chapter 02, autograd."""

import math
from functools import cache

import torch

from helpers import data
from helpers.exercises.exercise import Exercise, Slip, Wrong
from helpers.exercises.prediction import Choice, Prediction


def _numbers(*shape: int, seed: int = 0, gradient: bool = False) -> torch.Tensor:
    """Random float64 numbers with one decimal, from -3 to 3 and never 0."""
    generator = torch.Generator().manual_seed(seed)
    values = torch.randint(1, 31, shape, generator=generator).double() / 10
    signs = torch.randint(0, 2, shape, generator=generator) * 2 - 1
    return (values * signs).requires_grad_(gradient)


@cache
def _wines() -> tuple[torch.Tensor, torch.Tensor]:
    """Standardised alcalinity, colour and proline with a column of ones; alcohol.

    Shapes (178, 4) and (178,), float64.
    """
    table = data.wine().table.double()
    columns = table[:, [3, 9, 12]]
    columns = (columns - columns.mean(dim=0)) / columns.std(dim=0)
    ones = torch.ones(len(table), 1, dtype=torch.float64)
    return torch.cat([columns, ones], dim=1), table[:, 0].contiguous()


def cube(x: float) -> float:
    """x³, whose slope is 3 x²."""
    return x**3


def wave(x: float) -> float:
    """sin x, whose slope is cos x."""
    return math.sin(x)


def bowl(point: torch.Tensor) -> torch.Tensor:
    """A bowl with its lowest place at (1, -1, …), steeper in some directions."""
    steepness = torch.arange(1, len(point) + 1, dtype=point.dtype)
    lowest = torch.ones_like(point)
    lowest[1::2] = -1
    return (steepness * (point - lowest) ** 2).sum()


def valley(point: torch.Tensor) -> torch.Tensor:
    """Sum of cosh and a mixed term: curved differently at each place."""
    return point.cosh().sum() + 0.5 * point.prod()


def quartic(x: torch.Tensor) -> torch.Tensor:
    """x⁴ - 2 x: slope 4 x³ - 2, curvature 12 x²."""
    return x**4 - 2 * x


def hyperbola(x: torch.Tensor) -> torch.Tensor:
    """x + 4 / x, lowest at 2."""
    return x + 4 / x


def wine_loss(weights: torch.Tensor) -> torch.Tensor:
    """Logistic loss of "is this wine of cultivar 0?", with a little ridge."""
    features, _ = _wines()
    is_first = data.wine().cultivars == 0
    margins = torch.where(is_first, 1.0, -1.0) * (features @ weights)
    return torch.nn.functional.softplus(-margins).mean() + 0.01 * weights.square().sum()


SLOPE = Exercise(
    chapter="02",
    signature="slope(function, x, step)",
    title="measure a slope",
    prompt="""
        Write `slope(function, x, step)`: go one `step` to the right of `x` and one `step`
        to the left, and divide the difference of the two function values by the distance
        between the two places. This is the **central difference**.
    """,
    shapes="function: takes and returns a float. Returns a float.",
    cases=lambda: [(cube, 2.0, 0.1), (wave, 1.0, 0.5), (cube, -1.0, 0.01)],
    model_answer="(function(x + step) - function(x - step)) / (2 * step)",
    why="The two places are 2 steps apart; the errors of the two sides cancel.",
    hints=(
        "Rise divided by run. How long is the run?",
        "The rise is function(x + step) - function(x - step).",
        "(function(x + step) - function(x - step)) / (…)",
    ),
    right=(
        "(function(x + step) - function(x - step)) / step / 2",
        """
        right = (function(x + step) - function(x)) / step
        left = (function(x) - function(x - step)) / step
        return (left + right) / 2
        """,
    ),
    slips=(
        Slip(
            "(function(x + step) - function(x)) / step",
            "this looks to the right only; the central difference looks both ways",
        ),
        Slip(
            "(function(x + step) - function(x - step)) / step",
            "the two places are 2 steps apart, not 1",
        ),
        Slip(
            "(function(x + step) - function(x - step)) / 2 * step",
            "Python divides by 2 and then multiplies; put 2 * step in brackets",
        ),
        Slip(
            "(function(x - step) - function(x + step)) / (2 * step)",
            "left minus right; the rise is right minus left",
        ),
    ),
)

MULTIPLY_GRADIENTS = Exercise(
    chapter="02",
    signature="multiply_gradients(left, right, upstream)",
    title="the rule for a product",
    prompt="""
        `result = left * right`, and `upstream` is the slope of the loss with respect to
        `result`. Write `multiply_gradients(left, right, upstream)`: the slopes of the loss
        with respect to `left` and to `right`, as a tuple of two numbers.
    """,
    shapes="left, right, upstream: float. Returns a tuple of two floats.",
    cases=lambda: [(2.0, 5.0, 3.0), (-1.5, 4.0, 0.5)],
    model_answer="upstream * right, upstream * left",
    why="result changes by `right` for each unit of left, and the loss by `upstream` more.",
    hints=(
        "Nudge left by a little: by how much does left * right change?",
        "The slope of left * right with respect to left is right.",
        "Multiply each local slope by upstream.",
    ),
    right=(
        "(right * upstream, left * upstream)",
        """
        product = left * right
        return product / left * upstream, product / right * upstream
        """,
    ),
    slips=(
        Slip(
            "upstream * left, upstream * right",
            "exchanged: the slope with respect to left is right",
        ),
        Slip(
            "right, left",
            "these are the local slopes; upstream is missing",
        ),
        Slip(
            "right + upstream, left + upstream",
            "slopes along a path are multiplied, not added",
        ),
        Slip(
            "upstream, upstream",
            "that is the rule for a sum, left + right",
        ),
    ),
    wrong=(Wrong("[upstream * right, upstream * left]", "a tuple was asked for"),),
)

TANH_GRADIENT = Exercise(
    chapter="02",
    signature="tanh_gradient(result, upstream)",
    title="a rule that uses its own result",
    prompt="""
        For `result = tanh(x)` the slope is `1 - tanh(x)²`. So the rule needs no `x`: the
        forward pass has calculated all that is needed. Write
        `tanh_gradient(result, upstream)`.
    """,
    shapes="result: tanh of the input, a float. upstream: float. Returns a float.",
    cases=lambda: [(0.5, 2.0), (-0.8, 1.5)],
    model_answer="upstream * (1 - result**2)",
    why="Local slope times upstream, and the local slope is made of the saved result.",
    hints=(
        "result is already tanh(x).",
        "The local slope is 1 - result squared.",
        "upstream * (…)",
    ),
    right=(
        "upstream * (1 - result) * (1 + result)",
        "upstream - upstream * result * result",
        "upstream / math.cosh(math.atanh(result)) ** 2",
    ),
    slips=(
        Slip(
            "upstream * (1 - math.tanh(result) ** 2)",
            "result is tanh(x) already; this takes tanh twice",
        ),
        Slip("1 - result**2", "this is the local slope; upstream is missing"),
        Slip(
            "upstream * 1 - result**2",
            "multiplication comes first; put 1 - result**2 in brackets",
        ),
        Slip("upstream * (1 - result)", "the square is missing"),
        Slip(
            "upstream * (1 - result) ** 2",
            "the square belongs to result alone: 1 - result**2",
        ),
    ),
)

_DIAMOND = {
    "loss": ["product", "squared"],
    "squared": ["product"],
    "product": ["a", "b"],
    "a": [],
    "b": [],
}
_LADDER = {
    "a": [],
    "b": ["a"],
    "unused": ["b"],
    "c": ["b", "a"],
    "d": ["a", "c"],
    "loss": ["b", "d"],
}


def _one_order(parents: dict[str, list[str]], last: str) -> list[str]:
    """One right answer: each name after all names that use it."""
    order: list[str] = []

    def visit(name: str) -> None:
        if name not in order:
            for parent in parents[name]:
                visit(parent)
            order.append(name)

    visit(last)
    return order[::-1]


def _canonical_order(result: list, parents: dict[str, list[str]], last: str) -> list:
    """The one order that is compared, for every right order."""
    wanted = _one_order(parents, last)
    if type(result) is not list or sorted(result) != sorted(wanted):
        return result
    place = {name: number for number, name in enumerate(result)}
    ordered = all(place[p] > place[name] for name in result for p in parents[name])
    return wanted if ordered else result


BACKWARD_ORDER = Exercise(
    chapter="02",
    signature="backward_order(parents, last)",
    title="in which order to walk back",
    prompt="""
        `parents["loss"]` lists the names that `loss` was made of. Write
        `backward_order(parents, last)`: a list of all names that `last` depends on, with
        `last` first, such that **each name stands after all names that were made of it**.
        Only then are all parts of its slope there when its turn comes. Each name stands
        once. If several orders are right, any will do. For
        `{"loss": ["a", "b"], "b": ["a"], "a": []}` the answer is `["loss", "b", "a"]`: `a`
        must wait for `b`, because `b` was made of it.
    """,
    shapes="parents: name to list of names. last: name. Returns a list of names.",
    cases=lambda: [(_DIAMOND, "loss"), (_LADDER, "loss")],
    canonical=_canonical_order,
    model_answer="""
        order = []

        def visit(name):
            if name not in order:
                for parent in parents[name]:
                    visit(parent)
                order.append(name)

        visit(last)
        return order[::-1]
    """,
    why="A name is appended when all its parents are in; reversed, all users come first.",
    hints=(
        "Think of the opposite order first: each name after all its parents.",
        "Visit the parents of a name, each in the same way, then append the name.",
        "A name that is in the list is not visited again. At the end reverse the list.",
        "def visit(name): if name not in order: for … visit(parent); order.append(name)",
    ),
    right=(
        """
        reached, waiting = {last}, [last]
        while waiting:
            for parent in parents[waiting.pop()]:
                if parent not in reached:
                    reached.add(parent)
                    waiting.append(parent)
        users = {name: 0 for name in reached}
        for name in reached:
            for parent in parents[name]:
                users[parent] += 1
        order, ready = [], [last]
        while ready:
            name = ready.pop()
            order.append(name)
            for parent in parents[name]:
                users[parent] -= 1
                if users[parent] == 0:
                    ready.append(parent)
        return order
        """,
        """
        order = [last]
        for name in order:
            for parent in parents[name]:
                if parent in order:
                    order.remove(parent)
                order.append(parent)
        return order
        """,
    ),
    slips=(
        Slip(
            """
            order = []

            def visit(name):
                if name not in order:
                    order.append(name)
                    for parent in parents[name]:
                        visit(parent)

            visit(last)
            return order
            """,
            "a name is taken as soon as one user is done; it must wait for all of them. "
            "Append after the parents, and reverse the list",
        ),
        Slip(
            """
            order = [last]
            for name in order:
                for parent in parents[name]:
                    if parent not in order:
                        order.append(parent)
            return order
            """,
            "ordered by the shortest way from the loss; the longest one counts",
        ),
        Slip(
            """
            order = []

            def visit(name):
                if name not in order:
                    for parent in parents[name]:
                        visit(parent)
                    order.append(name)

            visit(last)
            return order
            """,
            "this is the order of the forward pass; reverse it",
        ),
        Slip(
            """
            order = [last]
            for name in order:
                order.extend(parents[name])
            return order
            """,
            "a name with two users stands in the list twice",
        ),
    ),
    wrong=(
        Wrong("tuple(parents)", "a list was asked for"),
        Wrong(
            "order = [last]\norder = order.extend(parents[last])",
            "this is None, which is what a function without `return` gives",
        ),
    ),
)


def _outputs(rows: int, columns: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Outputs of shape (rows,) and the inputs (columns,) that they were made of."""
    inputs = _numbers(columns, seed=seed, gradient=True)
    return _numbers(rows, columns, seed=seed + 1) @ inputs**2, inputs


JACOBIAN_TABLE = Exercise(
    chapter="02",
    signature="jacobian_table(outputs, inputs)",
    title="the whole table of slopes",
    prompt="""
        `outputs` was made of `inputs`, which require a gradient. Write
        `jacobian_table(outputs, inputs)`, the Jacobian: row number `i` holds the slopes of
        `outputs[i]` with respect to all inputs. One walk back gives one row.
    """,
    shapes="outputs: (m,). inputs: (n,), a leaf. Returns (m, n), without a graph.",
    cases=lambda: [_outputs(2, 3, 1), _outputs(3, 2, 5)],
    model_answer="""
        rows = []
        for output in outputs:
            (row,) = torch.autograd.grad(output, inputs, retain_graph=True)
            rows.append(row)
        return torch.stack(rows)
    """,
    why="Each output is a single number; retain_graph=True keeps the graph for the next row.",
    hints=(
        "A walk back wants a single number to start from: one output at a time.",
        "All outputs share one graph. What must stay for the next walk?",
        "torch.autograd.grad(output, inputs, retain_graph=True) is a tuple with one row.",
        "Collect the rows in a list; torch.stack(rows) makes a table of them.",
    ),
    right=(
        """
        rows = []
        for output in outputs:
            inputs.grad = None
            output.backward(retain_graph=True)
            rows.append(inputs.grad)
        return torch.stack(rows)
        """,
        """
        ones = torch.eye(len(outputs), dtype=outputs.dtype)
        return torch.autograd.grad(outputs, inputs, ones, is_grads_batched=True)[0]
        """,
    ),
    slips=(
        Slip(
            """
            rows = [torch.autograd.grad(output, inputs)[0] for output in outputs]
            return torch.stack(rows)
            """,
            "the first walk frees the graph that the second needs: retain_graph=True",
        ),
        Slip(
            """
            rows = []
            for output in outputs:
                output.backward(retain_graph=True)
                rows.append(inputs.grad)
            return torch.stack(rows)
            """,
            "all rows are one tensor, inputs.grad, in which the slopes add up; empty it "
            "before each walk with inputs.grad = None, or use torch.autograd.grad",
        ),
        Slip(
            """
            rows = []
            for output in outputs:
                output.backward(retain_graph=True)
                rows.append(inputs.grad.clone())
            return torch.stack(rows)
            """,
            "inputs.grad was not emptied: each row also holds all earlier ones",
        ),
        Slip(
            """
            rows = []
            for output in outputs:
                rows.append(torch.autograd.grad(output, inputs, retain_graph=True)[0])
            return torch.stack(rows, dim=1)
            """,
            "this is the table lying on its side: one row for each output, so dim=0",
        ),
        Slip(
            """
            rows = []
            for output in outputs:
                rows.append(torch.autograd.grad(output, inputs, retain_graph=True))
            return torch.stack(rows)
            """,
            "torch.autograd.grad returns a tuple; take its element with [0]",
        ),
        Slip(
            "torch.autograd.grad(outputs, inputs)[0]",
            "outputs is a vector: walk back from one element at a time",
        ),
        Slip(
            "torch.autograd.grad(outputs.sum(), inputs)[0]",
            "these are the slopes of the sum of all outputs; each output has a row",
        ),
    ),
    wrong=(
        Wrong(
            """
            rows = []
            for output in outputs:
                rows.append(torch.autograd.grad(output, inputs, create_graph=True)[0])
            return torch.stack(rows)
            """,
            "still carries the gradient",
        ),
    ),
)

UNBROADCAST = Exercise(
    chapter="02",
    signature="unbroadcast(gradient, shape)",
    title="undo broadcasting",
    prompt="""
        In the forward pass a tensor of shape `shape` was stretched by broadcasting to the
        shape of `gradient`. Each copy sends its part back, and the parts add up. Write
        `unbroadcast(gradient, shape)`: sum the gradient so that it has shape `shape`.
    """,
    shapes="gradient: a shape that shape broadcasts to. Returns a tensor of shape shape.",
    cases=lambda: [
        (_numbers(3, 2, seed=1), (2,)),
        (_numbers(2, 3, seed=2), (2, 1)),
        (_numbers(2, 3, 2, seed=3), (3, 1)),
        (_numbers(2, 2, seed=4), (2, 2)),
        (_numbers(3, seed=5), ()),
    ],
    model_answer="""
        while gradient.dim() > len(shape):
            gradient = gradient.sum(dim=0)
        for dim, size in enumerate(shape):
            if size == 1:
                gradient = gradient.sum(dim=dim, keepdim=True)
        return gradient
    """,
    why="Both kinds of stretching are undone. PyTorch has it ready: gradient.sum_to_size.",
    hints=(
        "Broadcasting does two things: it adds dimensions in front, and stretches sizes 1.",
        "First sum over dimension 0 while the gradient has too many dimensions.",
        "Then sum over each dimension where shape has a 1, with keepdim=True.",
    ),
    right=(
        "gradient.sum_to_size(shape)",
        """
        added = gradient.dim() - len(shape)
        dims = list(range(added))
        dims += [added + d for d, size in enumerate(shape) if size == 1]
        return gradient.sum(dim=dims).reshape(shape) if dims else gradient
        """,
    ),
    slips=(
        Slip(
            """
            while gradient.dim() > len(shape):
                gradient = gradient.sum(dim=0)
            return gradient
            """,
            "a size of 1 in shape was stretched too; sum over it with keepdim=True",
        ),
        Slip(
            """
            for dim, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.sum(dim=dim, keepdim=True)
            return gradient
            """,
            "broadcasting also adds dimensions in front; sum over those first",
        ),
        Slip(
            """
            while gradient.dim() > len(shape):
                gradient = gradient.mean(dim=0)
            for dim, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.mean(dim=dim, keepdim=True)
            return gradient
            """,
            "the parts of the copies add up; sum, do not average",
        ),
        Slip(
            """
            while gradient.dim() > len(shape):
                gradient = gradient[0]
            for dim, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.narrow(dim, 0, 1)
            return gradient
            """,
            "this keeps the part of one copy; all parts add up",
        ),
        Slip(
            """
            while gradient.dim() > len(shape):
                gradient = gradient.sum(dim=0)
            for dim, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.sum(dim=dim)
            return gradient
            """,
            "keepdim=True is missing: the size of 1 must stay",
        ),
    ),
)

MATMUL_GRADIENTS = Exercise(
    chapter="02",
    signature="matmul_gradients(left, right, upstream)",
    title="the rule for a matrix product",
    prompt="""
        `result = left @ right`, with matrices. `upstream` has the shape of `result`. Write
        `matmul_gradients(left, right, upstream)`: the gradients with respect to `left` and
        `right`, as a tuple. Each has the shape of its matrix; let the shapes lead you.
    """,
    shapes="left: (n, k). right: (k, m). upstream: (n, m). Returns (n, k) and (k, m).",
    cases=lambda: [
        (_numbers(2, 3, seed=4), _numbers(3, 4, seed=5), _numbers(2, 4, seed=6)),
        (_numbers(2, 2, seed=1), _numbers(2, 2, seed=2), _numbers(2, 2, seed=3)),
    ],
    model_answer="upstream @ right.t(), left.t() @ upstream",
    why="The product's rule, with shapes: (n, m) @ (m, k), and (k, n) @ (n, m).",
    hints=(
        "As for numbers: each gets the other factor times upstream. The order matters now.",
        "For left, (n, k): upstream is (n, m), so an (m, k) must follow it.",
        "upstream @ right.t(), … @ upstream",
    ),
    right=(
        "torch.mm(upstream, right.mT), torch.mm(left.mT, upstream)",
        """
        for_left = torch.einsum('nm,km->nk', upstream, right)
        for_right = torch.einsum('nk,nm->km', left, upstream)
        return for_left, for_right
        """,
        "tuple(torch.func.vjp(torch.matmul, left, right)[1](upstream))",
    ),
    slips=(
        Slip(
            "upstream @ right, left @ upstream",
            "the factors must be transposed; check the shapes (n, m) @ (m, k)",
        ),
        Slip(
            "left.t() @ upstream, upstream @ right.t()",
            "both are right but exchanged: the gradient for left comes first",
        ),
        Slip(
            "right.t() @ upstream, upstream @ left.t()",
            "the order in a matrix product matters: upstream stands where result stood",
        ),
        Slip(
            "upstream * right.t(), left.t() * upstream",
            "* works place by place; the matrix product is @",
        ),
        Slip(
            "upstream * right, upstream * left",
            "that is the rule for numbers; with matrices the product is @, one factor is "
            "transposed, and the order counts",
        ),
    ),
)

DESCEND = Exercise(
    chapter="02",
    signature="descend(function, start, rate, steps)",
    title="walk downhill",
    prompt="""
        Write `descend(function, start, rate, steps)`: begin at `start`, and `steps` times
        subtract `rate` times the gradient of `function` there. Return the last point,
        without a graph. `start` must not change.
    """,
    shapes="function: (n,) to 0-d. start: (n,), float64, no gradient. Returns (n,).",
    cases=lambda: [
        (bowl, torch.tensor([3.0, -2.0], dtype=torch.float64), 0.1, 3),
        (valley, torch.tensor([0.5, 1.0, -1.0], dtype=torch.float64), 0.2, 4),
    ],
    model_answer="""
        point = start.clone().requires_grad_()
        for _ in range(steps):
            point.grad = None
            function(point).backward()
            with torch.no_grad():
                point -= rate * point.grad
        return point.detach()
    """,
    why="Fresh gradients at each step, an update that is not recorded, and a plain result.",
    hints=(
        "Clone start and let the clone require a gradient.",
        "In each step: empty point.grad, call backward(), then update.",
        "The update is not part of the function: put it under torch.no_grad().",
        "with torch.no_grad(): point -= rate * point.grad",
    ),
    right=(
        """
        point = start
        for _ in range(steps):
            point = point.detach().requires_grad_()
            (gradient,) = torch.autograd.grad(function(point), point)
            point = point - rate * gradient
        return point.detach()
        """,
        """
        point = start
        for _ in range(steps):
            point = point - rate * torch.func.grad(function)(point)
        return point
        """,
        """
        point = start.clone().requires_grad_()
        optimiser = torch.optim.SGD([point], lr=rate)
        for _ in range(steps):
            optimiser.zero_grad()
            function(point).backward()
            optimiser.step()
        return point.detach()
        """,
    ),
    slips=(
        Slip(
            """
            point = start.clone().requires_grad_()
            for _ in range(steps):
                function(point).backward()
                with torch.no_grad():
                    point -= rate * point.grad
            return point.detach()
            """,
            "point.grad was never emptied: each step also uses all earlier gradients",
        ),
        Slip(
            """
            point = start.clone().requires_grad_()
            for _ in range(steps):
                point.grad = None
                function(point).backward()
                point -= rate * point.grad
            return point.detach()
            """,
            "the update itself was recorded; put it under torch.no_grad()",
        ),
        Slip(
            """
            point = start.clone().requires_grad_()
            for _ in range(steps):
                point.grad = None
                function(point).backward()
                with torch.no_grad():
                    point += rate * point.grad
            return point.detach()
            """,
            "this walks uphill; subtract the gradient",
        ),
        Slip(
            """
            point = start.clone().requires_grad_()
            function(point).backward()
            for _ in range(steps):
                with torch.no_grad():
                    point -= rate * point.grad
            return point.detach()
            """,
            "the gradient of the start was used throughout; call backward() in each step",
        ),
        Slip(
            """
            point = start.clone().requires_grad_()
            for _ in range(steps):
                function(point).backward()
                with torch.no_grad():
                    point = point - rate * point.grad
            return point.detach()
            """,
            "the point requires no gradient. Either requires_grad_() is missing at the "
            "start, or `point = …` under no_grad made a new tensor; use `point -= …`",
        ),
        Slip(
            """
            point = start.clone().requires_grad_()
            for _ in range(steps):
                function(point).backward()
                point = point - rate * point.grad
            return point.detach()
            """,
            "`point = …` makes a result in the middle of a graph, whose .grad stays "
            "empty; use `point -= …` under torch.no_grad()",
        ),
    ),
    wrong=(
        Wrong(
            """
            for _ in range(steps):
                start.requires_grad_().grad = None
                function(start).backward()
                start.data -= rate * start.grad
            return start.detach()
            """,
            "changed its input",
        ),
        Wrong(
            """
            point = start.clone().requires_grad_()
            for _ in range(steps):
                point.grad = None
                function(point).backward()
                with torch.no_grad():
                    point -= rate * point.grad
            return point
            """,
            "still carries the gradient",
        ),
    ),
)

STUDENT_LOSS = Exercise(
    chapter="02",
    signature="student_loss(student, teacher)",
    title="a gradient for one side only",
    prompt="""
        A student network imitates a teacher. Write `student_loss(student, teacher)`: the
        mean of the squared differences of their outputs. The gradient must flow to the
        student only: the teacher is not to imitate the student.
    """,
    shapes="student, teacher: the same shape, both require a gradient. Returns 0-d.",
    cases=lambda: [
        (_numbers(3, seed=1, gradient=True), _numbers(3, seed=2, gradient=True)),
        (_numbers(2, 2, seed=3, gradient=True), _numbers(2, 2, seed=4, gradient=True)),
    ],
    model_answer="(student - teacher.detach()).pow(2).mean()",
    why="detach() hands on the values and ends the graph there.",
    hints=(
        "One of the two must enter the calculation as a constant.",
        "teacher.detach() has the same values and no graph.",
        "(student - …).pow(2).mean()",
    ),
    right=(
        "F.mse_loss(student, teacher.detach())",
        """
        with torch.no_grad():
            target = teacher.clone()
        return ((student - target) ** 2).mean()
        """,
    ),
    slips=(
        Slip(
            "(student - teacher).pow(2).mean()",
            "the gradient flows to the teacher too; use teacher.detach()",
        ),
        Slip(
            "(student.detach() - teacher).pow(2).mean()",
            "the wrong one is detached: now only the teacher would learn",
        ),
        Slip(
            "(student - teacher).detach().pow(2).mean()",
            "detached too late: the student gets no gradient either",
        ),
        Slip("(student - teacher.detach()).pow(2).sum()", "the sum; the mean was asked for"),
        Slip("(student - teacher.detach()).mean()", "the square is missing"),
    ),
    wrong=(
        Wrong(
            """
            teacher.requires_grad_(False)
            return (student - teacher).pow(2).mean()
            """,
            "changed whether its input carries a gradient",
        ),
    ),
)


def _own_hook(result: object, x: torch.Tensor, limit: float) -> object:
    """The result, unless a hook was left on the tensor of the caller."""
    return "a hook was left on x itself" if x._backward_hooks else result


CLIPPED = Exercise(
    chapter="02",
    signature="clipped(x, limit)",
    title="limit the gradient on its way",
    prompt="""
        Write `clipped(x, limit)`: it returns the values of `x` unchanged, but every
        gradient that flows back through it is limited to the range from `-limit` to
        `limit`. Use a hook on a tensor of your own, not on `x` itself.
    """,
    shapes="x: any shape, requires a gradient. limit: float. Returns the same shape.",
    cases=lambda: [
        (_numbers(5, seed=1, gradient=True), 0.8),
        (_numbers(2, 3, seed=2, gradient=True), 1.1),
    ],
    canonical=_own_hook,
    model_answer="""
        result = x.clone()
        result.register_hook(lambda gradient: gradient.clamp(-limit, limit))
        return result
    """,
    why="What the hook returns takes the place of the gradient and flows on to x.",
    hints=(
        "x.clone() is a tensor of its own with the same values, and part of the graph.",
        "register_hook takes a function: gradient in, new gradient out.",
        "result.register_hook(lambda gradient: gradient.clamp(…))",
    ),
    right=(
        """
        result = x.view_as(x)
        result.register_hook(lambda g: torch.clamp(g, min=-limit, max=limit))
        return result
        """,
        """
        class Clip(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x.clone()

            @staticmethod
            def backward(ctx, gradient):
                return gradient.clamp(-limit, limit)

        return Clip.apply(x)
        """,
    ),
    slips=(
        Slip(
            """
            x.register_hook(lambda gradient: gradient.clamp(-limit, limit))
            return x
            """,
            "this hook stays on x and changes its gradient for all other uses of x too; "
            "register it on x.clone()",
        ),
        Slip(
            "x.clamp(-limit, limit)",
            "this limits the values; only the gradient is to be limited",
        ),
        Slip(
            """
            result = x.clone()
            result.register_hook(lambda gradient: None)
            return result
            """,
            "the gradient passes unchanged: does your hook return the new one?",
        ),
        Slip(
            """
            result = x.clone()
            result.register_hook(lambda gradient: gradient.clamp(max=limit))
            return result
            """,
            "large negative gradients pass; clamp needs both limits",
        ),
        Slip(
            """
            result = x.clone()
            result.register_hook(lambda gradient: gradient.sign() * limit)
            return result
            """,
            "small gradients are enlarged; clamp leaves them alone",
        ),
    ),
    wrong=(Wrong("x.detach().clone()", "carries no gradient"),),
)

NEWTON_STEP = Exercise(
    chapter="02",
    signature="newton_step(function, x)",
    title="a step of Newton's method",
    prompt="""
        To find the lowest place of a function, Newton's method goes from `x` to
        `x - slope / curvature`, where the **curvature** is the second derivative. Write
        `newton_step(function, x)`. The result carries no graph.
    """,
    shapes="function: 0-d to 0-d. x: 0-d, float64, no gradient. Returns 0-d.",
    cases=lambda: [
        (quartic, torch.tensor(2.0, dtype=torch.float64)),
        (hyperbola, torch.tensor(1.5, dtype=torch.float64)),
    ],
    model_answer="""
        x = x.detach().requires_grad_()
        (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
        (curvature,) = torch.autograd.grad(slope, x)
        return (x - slope / curvature).detach()
    """,
    why="create_graph=True makes the slope itself a result that has a graph.",
    hints=(
        "The curvature is the slope of the slope.",
        "torch.autograd.grad(…, create_graph=True) gives a slope that has a graph.",
        "Ask for the gradient of that slope; then detach the result.",
    ),
    right=(
        """
        slope = torch.func.grad(function)
        return x - slope(x) / torch.func.grad(slope)(x)
        """,
        """
        x = x.clone().requires_grad_()
        function(x).backward(create_graph=True)
        slope = x.grad
        x.grad = None
        slope.backward()
        result = (x - slope / x.grad).detach()
        return result
        """,
    ),
    slips=(
        Slip(
            """
            x = x.detach().requires_grad_()
            slope = torch.autograd.grad(function(x), x, create_graph=True)
            curvature = torch.autograd.grad(slope, x)
            return (x - slope / curvature).detach()
            """,
            "torch.autograd.grad returns a tuple; take its element with [0] or (slope,) =",
        ),
        Slip(
            """
            x = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
            curvature = torch.autograd.grad(slope, x)
            return (x - slope / curvature).detach()
            """,
            "the curvature is a tuple; take its element with [0] or (curvature,) =",
        ),
        Slip(
            """
            slope = torch.func.grad(function)
            return x - slope(x) / (slope(x) + torch.func.grad(slope)(x))
            """,
            "the second backward() added the curvature to the slope in x.grad; empty it "
            "with x.grad = None in between",
        ),
        Slip(
            "x - 1",
            "slope / curvature is 1 when both names mean the same tensor, x.grad; keep the "
            "slope and empty x.grad with x.grad = None before the second backward()",
        ),
        Slip(
            """
            x = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(function(x), x)
            (curvature,) = torch.autograd.grad(slope, x)
            return (x - slope / curvature).detach()
            """,
            "the slope has no graph; ask for it with create_graph=True",
        ),
        Slip(
            """
            slope = torch.func.grad(function)(x)
            return x - function(x) / slope
            """,
            "this looks for a zero of the function; the lowest place is a zero of its slope",
        ),
        Slip(
            """
            slope = torch.func.grad(function)
            return x + slope(x) / torch.func.grad(slope)(x)
            """,
            "the sign: subtract slope / curvature",
        ),
        Slip(
            """
            slope = torch.func.grad(function)
            return x - torch.func.grad(slope)(x) / slope(x)
            """,
            "upside down: divide the slope by the curvature",
        ),
    ),
    wrong=(
        Wrong(
            """
            x.requires_grad_()
            (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
            (curvature,) = torch.autograd.grad(slope, x)
            return (x - slope / curvature).detach()
            """,
            "changed whether its input carries a gradient",
        ),
        Wrong(
            """
            x = x.clone().requires_grad_()
            (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
            (curvature,) = torch.autograd.grad(slope, x)
            return x - slope / curvature
            """,
            "still carries the gradient",
        ),
    ),
)


def _scored(rows: int, columns: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores (rows,) and the inputs (rows, columns) that they were made of."""
    inputs = _numbers(rows, columns, seed=seed, gradient=True)
    return (inputs**3).sum(dim=1) / 5, inputs


GRADIENT_PENALTY = Exercise(
    chapter="02",
    signature="gradient_penalty(scores, inputs)",
    title="a penalty on the gradient",
    prompt="""
        A network gave each row of `inputs` a score. Some networks are trained so that the
        gradient of the score with respect to its inputs has length 1. Write
        `gradient_penalty(scores, inputs)`: the mean, over the rows, of
        (length of the gradient - 1)². One can train with it: it has a graph itself.
    """,
    shapes="scores: (rows,). inputs: (rows, columns), a leaf. Returns 0-d, with graph.",
    cases=lambda: [_scored(2, 3, 1), _scored(4, 2, 3)],
    model_answer="""
        (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
        return (gradients.norm(dim=1) - 1).pow(2).mean()
    """,
    why="Each score depends on its own row only, so the sum keeps the rows apart.",
    hints=(
        "scores.sum() is one number, and its gradient has one row for each score.",
        "The penalty needs a graph of its own: create_graph=True.",
        "gradients.norm(dim=1) gives the length of each row.",
    ),
    right=(
        """
        ones = torch.ones_like(scores)
        (g,) = torch.autograd.grad(scores, inputs, grad_outputs=ones, create_graph=True)
        lengths = g.pow(2).sum(dim=1).sqrt()
        return ((lengths - 1) ** 2).mean()
        """,
        """
        scores.sum().backward(create_graph=True)
        lengths = torch.linalg.vector_norm(inputs.grad, dim=1)
        return F.mse_loss(lengths, torch.ones_like(lengths))
        """,
    ),
    slips=(
        Slip(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients.norm(dim=0) - 1).pow(2).mean()
            """,
            "these are the lengths of the columns; dim=1 gives one for each row",
        ),
        Slip(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients.norm(dim=1) - 1).pow(2).sum()
            """,
            "the sum over the rows; the mean was asked for",
        ),
        Slip(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients - 1).pow(2).mean()
            """,
            "the length of each row is missing: gradients.norm(dim=1)",
        ),
        Slip(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs)
            return (gradients.norm(dim=1) - 1).pow(2).mean()
            """,
            "right values, but one cannot train with it: create_graph=True is missing",
        ),
        Slip(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients.norm() - 1).pow(2)
            """,
            "this is the length of the whole table; each row has a length: dim=1",
        ),
        Slip(
            """
            (gradients,) = torch.autograd.grad(scores.mean(), inputs, create_graph=True)
            return (gradients.norm(dim=1) - 1).pow(2).mean()
            """,
            "the mean of the scores makes every gradient smaller; use the sum",
        ),
        Slip(
            """
            (gradients,) = torch.autograd.grad(scores.sum(), inputs, create_graph=True)
            return (gradients.norm(dim=1) - 1).mean()
            """,
            "the square is missing",
        ),
        Slip(
            """
            (gradients,) = torch.autograd.grad(scores, inputs, create_graph=True)
            return (gradients.norm(dim=1) - 1).pow(2).mean()
            """,
            "scores is a vector: take its sum, or give grad_outputs",
        ),
    ),
)


def _applied(result: object, x: torch.Tensor) -> object:
    """The result, unless it is an instance of a Function instead of a tensor."""
    is_rule = isinstance(result, torch.autograd.Function)
    return "a Function that was not applied" if is_rule else result


STRAIGHT_THROUGH = Exercise(
    chapter="02",
    signature="straight_through(x)",
    title="a rule that is not the derivative",
    prompt="""
        Rounding has slope 0, so nothing before it can learn. A common trick is to round in
        the forward pass and to let the gradient pass *straight through* in the backward
        pass, as if nothing had been done. Write `straight_through(x)`.
    """,
    shapes="x: any shape, requires a gradient. Returns the same shape.",
    cases=lambda: [
        (_numbers(4, seed=1, gradient=True),),
        (_numbers(2, 3, seed=7, gradient=True),),
    ],
    canonical=_applied,
    model_answer="""
        class Round(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x.round()

            @staticmethod
            def backward(ctx, upstream):
                return upstream

        return Round.apply(x)
    """,
    why="backward may be any rule; here it hands on what it was given.",
    hints=(
        "A torch.autograd.Function with forward(ctx, x) and backward(ctx, upstream).",
        "forward rounds. What does backward return, if the slope is taken to be 1?",
        "Call it with Round.apply(x).",
    ),
    right=(
        "x + (x.round() - x).detach()",
        "x + x.round() - x.detach()",
        """
        with torch.no_grad():
            shift = x.round() - x
        return x + shift
        """,
    ),
    slips=(
        Slip(
            """
            class Round(torch.autograd.Function):
                @staticmethod
                def forward(ctx, x):
                    return x.round()

            return Round(x)
            """,
            "a Function is not called like a class; write .apply(x) behind its name",
        ),
        Slip("x.round()", "round has slope 0 everywhere: every gradient is 0"),
        Slip(
            """
            class Round(torch.autograd.Function):
                @staticmethod
                def forward(ctx, x):
                    return x.round()

                @staticmethod
                def backward(ctx, upstream):
                    return torch.ones_like(upstream)

            return Round.apply(x)
            """,
            "a slope of 1 means upstream times 1; what came from above is lost here",
        ),
        Slip("x.round().detach()", "detach cuts the graph: nothing before it can learn"),
        Slip("x.trunc()", "the decimals are cut off; round goes to the nearest"),
    ),
)

SAFE_LOG = Exercise(
    chapter="02",
    signature="safe_log(x)",
    title="no nan in the gradient",
    prompt="""
        Write `safe_log(x)`: `log(x)` where `x` is above 0, and 0 elsewhere. The gradient is
        `1 / x` where `x` is above 0, and 0 elsewhere; no `nan` and no `inf`.
    """,
    shapes="x: any shape, requires a gradient. Returns the same shape.",
    cases=lambda: [
        (torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64, requires_grad=True),),
        (torch.tensor([[-1.0, 0.0], [4.0, 0.1]], requires_grad=True),),
        (torch.tensor([1e-30, 0.0], dtype=torch.float64, requires_grad=True),),
    ],
    model_answer="""
        positive = x > 0
        harmless = torch.where(positive, x, 1.0)
        return torch.where(positive, harmless.log(), 0.0)
    """,
    why="log never sees a 0, so no infinity is there to be multiplied by 0.",
    hints=(
        "One `where` after the log chooses the values. The gradient still visits log(0).",
        "Put harmless numbers in *before* the log, too.",
        "torch.where(x > 0, x, 1.0) can be given to log.",
    ),
    right=(
        """
        result = torch.zeros_like(x)
        result[x > 0] = x[x > 0].log()
        return result
        """,
        "x.masked_fill(x <= 0, 1.0).log()",
    ),
    slips=(
        Slip(
            "torch.where(x > 0, (x + 1e-8).log(), 0.0)",
            "the added number changes the logarithm of a small x; replace only what is not above 0",
        ),
        Slip(
            "torch.where(x > 0, x.clamp(min=1e-12).log(), 0.0)",
            "clamp changes a small x as well; replace only what is not above 0",
        ),
        Slip(
            "torch.where(x > 0, x.log(), 0.0)",
            "where chooses after the log: the infinite slope at 0 is multiplied by 0, "
            "which is nan. Replace the 0 before the log as well",
        ),
        Slip("x.log()", "log(0) is -inf, and log of a negative number is nan"),
        Slip(
            "x.clamp(min=1e-6).log()",
            "log(0.000001) is -13.8; where x is not above 0 the result is 0",
        ),
        Slip("torch.log(x + 1)", "this is another function; it is wrong where x is above 0"),
        Slip(
            "torch.where(x > 0, x.detach().log(), 0.0)",
            "without nan, but also without a gradient",
        ),
    ),
)

PER_SAMPLE_GRADIENTS = Exercise(
    chapter="02",
    signature="per_sample_gradients(weights, features, targets)",
    title="one gradient for each sample",
    prompt="""
        The loss of one sample is `(row @ weights - target)²`. Write
        `per_sample_gradients(weights, features, targets)`: row number `i` of the result is
        the gradient of the loss of sample `i` with respect to the weights. No loop.
    """,
    shapes="weights: (n,). features: (rows, n). targets: (rows,). Returns (rows, n).",
    cases=lambda: [
        (_numbers(2, seed=1), _numbers(3, 2, seed=2), _numbers(3, seed=3)),
        (_numbers(3, seed=4), _numbers(4, 3, seed=5), _numbers(4, seed=6)),
    ],
    large=lambda: (_numbers(2, seed=1), _numbers(60, 2, seed=2), _numbers(60, seed=3)),
    model_answer="""
        def loss(weights, row, target):
            return (row @ weights - target) ** 2

        each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))
        return each(weights, features, targets)
    """,
    why="grad makes the function for one sample, vmap calls it for all rows at once.",
    hints=(
        "Write the loss of a single sample as a function; its first argument is weights.",
        "torch.func.grad(loss) is a function with the same arguments.",
        "torch.func.vmap(…, in_dims=(None, 0, 0)): the same weights, each row, each target.",
    ),
    right=(
        """
        errors = features @ weights - targets
        return 2 * errors.unsqueeze(1) * features
        """,
        """
        def losses(weights):
            return (features @ weights - targets) ** 2

        return torch.func.jacrev(losses)(weights)
        """,
    ),
    slips=(
        Slip(
            """
            def loss(weights):
                return ((features @ weights - targets) ** 2).mean()

            return torch.func.grad(loss)(weights)
            """,
            "this is the mean of the gradients; one for each sample was asked for",
        ),
        Slip(
            "(features @ weights - targets).unsqueeze(1) * features",
            "the factor 2 of the square is missing",
        ),
        Slip(
            """
            def loss(weights, row, target):
                return (row @ weights - target) ** 2

            return torch.func.vmap(torch.func.grad(loss))(weights, features, targets)
            """,
            "vmap cuts the weights into pieces as well: in_dims=(None, 0, 0)",
        ),
        Slip(
            """
            def loss(weights, row, target):
                return (row @ weights - target) ** 2

            return torch.func.vmap(loss, in_dims=(None, 0, 0))(weights, features, targets)
            """,
            "these are the losses; torch.func.grad is missing",
        ),
    ),
    wrong=(
        Wrong(
            """
            def loss(weights, row, target):
                return (row @ weights - target) ** 2

            gradients = []
            for row, target in zip(features, targets):
                gradients.append(torch.func.grad(loss)(weights, row, target))
            return torch.stack(gradients)
            """,
            "in a loop",
        ),
    ),
)


def _without_autograd(*arguments: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Copies that can be calculated with, but that `backward()` refuses."""
    with torch.inference_mode():
        return tuple(argument.clone() for argument in arguments)


MSE_GRADIENT = Exercise(
    chapter="02",
    signature="mse_gradient(weights, features, targets)",
    title="the gradient by hand",
    prompt="""
        Linear regression predicts `features @ weights`, and its loss is the mean of the
        squared errors. Write `mse_gradient(weights, features, targets)`: the gradient of
        the loss with respect to the weights, by hand, without autograd. (You have the rule
        of the product already: `matmul_gradients`. The arguments of the check come from
        inference mode, so `backward()` refuses them.)
    """,
    shapes="weights: (n,). features: (rows, n). targets: (rows,). Returns (n,).",
    cases=lambda: [
        _without_autograd(_numbers(2, seed=1), _numbers(3, 2, seed=2), _numbers(3, seed=3)),
        _without_autograd(_numbers(4, seed=4), *_wines()),
    ],
    model_answer="""
        errors = features @ weights - targets
        return 2 * features.t() @ errors / len(targets)
    """,
    why="2 from the square, the error, and the row by which the weights were multiplied.",
    hints=(
        "Chain rule: the square gives 2 * error, the mean divides by the number of rows.",
        "The slope of the prediction of a row with respect to the weights is that row.",
        "features.t() @ errors adds error times row over all rows.",
    ),
    right=(
        """
        errors = features @ weights - targets
        return 2 * (errors.unsqueeze(1) * features).mean(dim=0)
        """,
        """
        rows = len(targets)
        return 2 / rows * (features.t() @ features @ weights - features.t() @ targets)
        """,
    ),
    slips=(
        Slip(
            """
            leaf = weights.clone().requires_grad_()
            (features @ leaf - targets).square().mean().backward()
            return leaf.grad
            """,
            "this leaves the work to autograd; here you write the rule yourself",
        ),
        Slip(
            "features.t() @ (features @ weights - targets) / len(targets)",
            "the factor 2 of the square is missing",
        ),
        Slip(
            "2 * features.t() @ (features @ weights - targets)",
            "the mean divides by the number of rows",
        ),
        Slip(
            "2 * features.t() @ (targets - features @ weights) / len(targets)",
            "the sign: the error is prediction minus target",
        ),
        Slip(
            "2 * (features @ weights - targets).mean() * features.mean(dim=0)",
            "the mean of products is not the product of means",
        ),
        Slip(
            "2 * features @ (features @ weights - targets) / len(targets)",
            "features must be transposed: one number for each weight remains",
        ),
    ),
)


def _learn_and_new() -> tuple[torch.Tensor, ...]:
    """Every sixth wine to fit, the rest to test: 12 standardised columns, alcohol."""
    table = data.wine().table.double()
    table = table - table.mean(dim=0)
    columns = table[:, 1:] / table[:, 1:].std(dim=0)
    learn = torch.arange(len(table)) % 6 == 0
    return columns[learn], table[learn, 0], columns[~learn], table[~learn, 0]


def _small_problem() -> tuple[torch.Tensor, ...]:
    """A small problem of the same kind."""
    return (
        _numbers(4, 2, seed=1),
        _numbers(4, seed=2),
        _numbers(3, 2, seed=3),
        _numbers(3, seed=4),
    )


RIDGE_SLOPE = Exercise(
    chapter="02",
    signature="ridge_slope(strength, X, y, new_X, new_y)",
    title="more ridge or less?",
    prompt="""
        Ridge regression has a formula: the weights solve
        `(X.t() @ X + strength * identity) @ weights = X.t() @ y`. Is the `strength` too
        large or too small? Write `ridge_slope(strength, X, y, new_X, new_y)`: solve for the
        weights, calculate the mean squared error on the **new** rows, and return its slope
        with respect to `strength`. Autograd goes through `torch.linalg.solve`;
        a finite difference is not exact enough for the check.
    """,
    shapes="strength: 0-d. X: (rows, n). y: (rows,). Returns 0-d, without a graph.",
    cases=lambda: [
        (torch.tensor(0.5, dtype=torch.float64), *_small_problem()),
        (torch.tensor(2.0, dtype=torch.float64), *_learn_and_new()),
        (torch.tensor(100.0), *(part.float() for part in _small_problem())),
    ],
    model_answer="""
        strength = strength.detach().requires_grad_()
        identity = torch.eye(X.shape[1], dtype=X.dtype)
        weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
        loss = (new_X @ weights - new_y).pow(2).mean()
        return torch.autograd.grad(loss, strength)[0]
    """,
    why="Whatever is made of differentiable operations has a gradient, a formula too.",
    hints=(
        "A leaf first: strength.detach().requires_grad_().",
        "torch.linalg.solve(matrix, X.t() @ y) gives the weights, with a graph.",
        "The loss uses new_X and new_y; torch.autograd.grad(loss, strength) is a tuple.",
    ),
    right=(
        """
        def loss(strength):
            identity = torch.eye(X.shape[1], dtype=X.dtype)
            weights = torch.linalg.inv(X.t() @ X + strength * identity) @ X.t() @ y
            return (new_X @ weights - new_y).square().mean()

        return torch.func.grad(loss)(strength)
        """,
        """
        matrix = X.t() @ X + strength * torch.eye(X.shape[1], dtype=X.dtype)
        weights = torch.linalg.solve(matrix, X.t() @ y)
        errors = new_X @ weights - new_y
        return -2 * errors @ new_X @ torch.linalg.solve(matrix, weights) / len(new_y)
        """,
    ),
    slips=(
        Slip(
            """
            def loss(strength):
                identity = torch.eye(X.shape[1], dtype=X.dtype)
                weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
                return (X @ weights - y).square().mean()

            return torch.func.grad(loss)(strength)
            """,
            "this is the error on the rows that were fitted; use new_X and new_y",
        ),
        Slip(
            """
            identity = torch.eye(X.shape[1], dtype=X.dtype)
            weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
            return (new_X @ weights - new_y).square().mean()
            """,
            "this is the error; its slope with respect to strength was asked for",
        ),
        Slip(
            """
            identity = torch.eye(X.shape[1], dtype=X.dtype)
            weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
            loss = (new_X @ weights - new_y).square().mean()
            loss.backward()
            return strength.grad
            """,
            "strength does not require a gradient: strength.detach().requires_grad_()",
        ),
        Slip(
            """
            def loss(strength):
                weights = torch.linalg.solve(X.t() @ X + strength, X.t() @ y)
                return (new_X @ weights - new_y).square().mean()

            return torch.func.grad(loss)(strength)
            """,
            "strength alone is added everywhere; it belongs on the diagonal: times identity",
        ),
        Slip(
            """
            def loss(strength):
                identity = torch.eye(X.shape[1], dtype=X.dtype)
                weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
                return (new_X @ weights - new_y).square().sum()

            return torch.func.grad(loss)(strength)
            """,
            "the sum of the squares; the mean was asked for",
        ),
    ),
    wrong=(
        Wrong(
            """
            strength.requires_grad_()
            identity = torch.eye(X.shape[1], dtype=X.dtype)
            weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
            loss = (new_X @ weights - new_y).square().mean()
            return torch.autograd.grad(loss, strength)[0]
            """,
            "changed whether its input carries a gradient",
        ),
        Wrong(
            """
            def loss(strength):
                identity = torch.eye(X.shape[1], dtype=X.dtype)
                weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
                return (new_X @ weights - new_y).square().mean()

            return (loss(strength + 1e-4) - loss(strength - 1e-4)) / 2e-4
            """,
            "Expected",
        ),
        Wrong(
            """
            strength = strength.clone().requires_grad_()
            identity = torch.eye(X.shape[1], dtype=X.dtype)
            weights = torch.linalg.solve(X.t() @ X + strength * identity, X.t() @ y)
            loss = (new_X @ weights - new_y).square().mean()
            return torch.autograd.grad(loss, strength, create_graph=True)[0]
            """,
            "still carries the gradient",
        ),
    ),
)

NEWTON_FIT = Exercise(
    chapter="02",
    signature="newton_fit(loss, weights, steps)",
    title="Newton's method for a whole model",
    prompt="""
        With several weights the slope becomes the gradient, and the curvature a matrix of
        second derivatives, the **Hessian**. Dividing becomes solving. Write
        `newton_fit(loss, weights, steps)`: `steps` times subtract the solution of
        `hessian @ solution = gradient`. The second check fits 178 wines.
    """,
    shapes="loss: (n,) to 0-d. weights: (n,), float64, no gradient. Returns (n,).",
    cases=lambda: [
        (valley, torch.tensor([0.5, 1.0], dtype=torch.float64), 1),
        (wine_loss, torch.zeros(4, dtype=torch.float64), 3),
    ],
    model_answer="""
        for _ in range(steps):
            gradient = torch.func.grad(loss)(weights)
            hessian = torch.func.hessian(loss)(weights)
            weights = weights - torch.linalg.solve(hessian, gradient)
        return weights
    """,
    why="solve(hessian, gradient) is what slope / curvature is with one weight.",
    hints=(
        "torch.func.grad(loss)(weights) and torch.func.hessian(loss)(weights).",
        "torch.linalg.solve(matrix, vector) finds x such that matrix @ x = vector.",
        "weights = weights - torch.linalg.solve(…), in a loop over the steps",
    ),
    right=(
        """
        for _ in range(steps):
            hessian = torch.autograd.functional.hessian(loss, weights)
            gradient = torch.autograd.functional.jacobian(loss, weights)
            weights = weights - torch.linalg.inv(hessian) @ gradient
        return weights
        """,
        """
        for _ in range(steps):
            point = weights.detach().requires_grad_()
            (gradient,) = torch.autograd.grad(loss(point), point, create_graph=True)
            rows = [torch.autograd.grad(g, point, retain_graph=True)[0] for g in gradient]
            step = torch.linalg.solve(torch.stack(rows), gradient.detach())
            weights = weights - step
        return weights
        """,
    ),
    slips=(
        Slip(
            """
            for _ in range(steps):
                gradient = torch.func.grad(loss)(weights)
                hessian = torch.func.hessian(loss)(weights)
                weights = weights + torch.linalg.solve(hessian, gradient)
            return weights
            """,
            "the sign: subtract the solution",
        ),
        Slip(
            """
            for _ in range(steps):
                gradient = torch.func.grad(loss)(weights)
                hessian = torch.func.hessian(loss)(weights)
                weights = weights - gradient / hessian
            return weights
            """,
            "/ works place by place and broadcasts; use torch.linalg.solve",
        ),
        Slip(
            """
            for _ in range(steps):
                gradient = torch.func.grad(loss)(weights)
                hessian = torch.func.hessian(loss)(weights)
                weights = weights - gradient / hessian.diagonal()
            return weights
            """,
            "only the diagonal was used; the weights act on each other",
        ),
        Slip(
            """
            for _ in range(steps):
                gradient = torch.func.grad(loss)(weights)
                hessian = torch.func.hessian(loss)(weights)
                weights = weights - hessian @ gradient
            return weights
            """,
            "multiplied by the Hessian; solve divides by it",
        ),
        Slip(
            """
            gradient = torch.func.grad(loss)(weights)
            hessian = torch.func.hessian(loss)(weights)
            return torch.linalg.solve(hessian, gradient)
            """,
            "this is the step; subtract it from the weights",
        ),
        Slip(
            """
            gradient = torch.func.grad(loss)(weights)
            hessian = torch.func.hessian(loss)(weights)
            return weights - torch.linalg.solve(hessian, gradient)
            """,
            "one step only; repeat it `steps` times, with a new gradient and Hessian",
        ),
    ),
    wrong=(
        Wrong(
            """
            for _ in range(steps):
                gradient = torch.func.grad(loss)(weights)
                hessian = torch.func.hessian(loss)(weights)
                weights -= torch.linalg.solve(hessian, gradient)
            return weights
            """,
            "changed its input",
        ),
    ),
)

FIT_LINE = Exercise(
    chapter="02",
    signature="fit_line(x, y, rate, steps)",
    title="three mistakes in one loop",
    prompt="""
        This loop is to fit the line `w[0] * x + w[1]` to the points. It holds three mistakes
        of this chapter. The first raises an error; the other two are silent. Write it without
        them.

        ```python
        w = torch.zeros(2, requires_grad=True) * 1.0
        total = 0.0
        for _ in range(steps):
            loss = (w[0] * x + w[1] - y).square().mean()
            loss.backward()
            with torch.no_grad():
                w -= rate * w.grad
            total += loss
        return w.detach(), total
        ```
    """,
    shapes="x, y: (n,). Returns a tuple: w of shape (2,), and a Python number.",
    cases=lambda: [
        (torch.tensor([0.0, 1.0, 2.0]), torch.tensor([1.0, 3.0, 5.0]), 0.1, 3),
        (torch.tensor([-1.0, 0.5]), torch.tensor([2.0, 0.0]), 0.2, 5),
    ],
    model_answer="""
        w = torch.zeros(2, requires_grad=True)
        total = 0.0
        for _ in range(steps):
            w.grad = None
            loss = (w[0] * x + w[1] - y).square().mean()
            loss.backward()
            with torch.no_grad():
                w -= rate * w.grad
            total += loss.item()
        return w.detach(), total
    """,
    why="w is a leaf, each step has its own gradient, and a number holds no graph.",
    hints=(
        "Ask w.is_leaf. What does `* 1.0` do to a leaf?",
        "What does .grad hold in the second round?",
        "What does `total` hold, beside a number?",
    ),
    right=(
        """
        w, total = torch.zeros(2), 0.0
        for _ in range(steps):
            w = w.detach().requires_grad_()
            loss = F.mse_loss(w[0] * x + w[1], y)
            (gradient,) = torch.autograd.grad(loss, w)
            w = w - rate * gradient
            total += loss.item()
        return w.detach(), total
        """,
        """
        w, total = torch.zeros(2, requires_grad=True), 0.0
        optimiser = torch.optim.SGD([w], lr=rate)
        for _ in range(steps):
            optimiser.zero_grad()
            loss = F.mse_loss(w[0] * x + w[1], y)
            loss.backward()
            optimiser.step()
            total += float(loss.detach())
        return w.detach(), total
        """,
    ),
    slips=(
        Slip(
            """
            w = torch.zeros(2, requires_grad=True)
            total = 0.0
            for _ in range(steps):
                loss = (w[0] * x + w[1] - y).square().mean()
                loss.backward()
                with torch.no_grad():
                    w -= rate * w.grad
                total += loss.item()
            return w.detach(), total
            """,
            "w.grad is never emptied: each step also uses all earlier gradients",
        ),
        Slip(
            """
            w = torch.zeros(2, requires_grad=True) * 1.0
            total = 0.0
            for _ in range(steps):
                w.grad = None
                loss = (w[0] * x + w[1] - y).square().mean()
                loss.backward()
                with torch.no_grad():
                    w -= rate * w.grad
                total += loss.item()
            return w.detach(), total
            """,
            "w is a result of `* 1.0` and not a leaf, so its .grad stays None",
        ),
        Slip(
            """
            w = torch.zeros(2, requires_grad=True)
            total = 0.0
            for _ in range(steps):
                w.grad = None
                loss = (w[0] * x + w[1] - y).square().mean()
                loss.backward()
                with torch.no_grad():
                    w -= rate * w.grad
                total += loss
            return w.detach(), total
            """,
            "total still holds the graphs of all steps; add loss.item()",
        ),
        Slip(
            """
            w = torch.zeros(2, requires_grad=True)
            total = 0.0
            for _ in range(steps):
                w.grad = None
                loss = (w[0] * x + w[1] - y).square().mean()
                loss.backward()
                w -= rate * w.grad
                total += loss.item()
            return w.detach(), total
            """,
            "the update must not be recorded; put it under torch.no_grad()",
        ),
        Slip(
            """
            w = torch.zeros(2, requires_grad=True)
            total = 0.0
            for _ in range(steps):
                w.grad = None
                loss = (w[0] * x + w[1] - y).square().mean()
                loss.backward()
                with torch.no_grad():
                    w += rate * w.grad
                total += loss.item()
            return w.detach(), total
            """,
            "this walks uphill; subtract the gradient",
        ),
    ),
)

EXERCISES = (
    SLOPE,
    MULTIPLY_GRADIENTS,
    TANH_GRADIENT,
    BACKWARD_ORDER,
    UNBROADCAST,
    MATMUL_GRADIENTS,
    DESCEND,
    JACOBIAN_TABLE,
    STUDENT_LOSS,
    CLIPPED,
    NEWTON_STEP,
    GRADIENT_PENALTY,
    STRAIGHT_THROUGH,
    SAFE_LOG,
    PER_SAMPLE_GRADIENTS,
    MSE_GRADIENT,
    RIDGE_SLOPE,
    NEWTON_FIT,
    FIT_LINE,
)


def _prediction(name: str, question: str, *choices: Choice) -> Prediction:
    """A prediction of this chapter."""
    return Prediction(chapter="02", name=name, question=question, choices=choices)


PREDICTIONS = (
    _prediction(
        "slope_of_square",
        "At x = 3 the ratios go towards 6. Towards which number do they go at x = -4?",
        Choice("8, twice the distance from 0", "Left of 0 the curve falls: a minus is due."),
        Choice("-8", "The slope is 2x, and the curve falls to the left of 0.", right=True),
        Choice("6, as at x = 3", "The curve is not equally steep everywhere."),
        Choice("16", "That is the value at -4, not how fast it rises."),
    ),
    _prediction(
        "which_get_a_grad",
        "weight requires a gradient, data_point does not, prediction = weight * data_point. "
        "After prediction.backward(), which of the three holds a gradient?",
        Choice("all three", "data_point does not require one."),
        Choice("weight only", "It is a leaf, and it requires one.", right=True),
        Choice(
            "weight and prediction",
            "prediction is in the middle: its slope is used and dropped.",
        ),
        Choice("prediction only", "backward() starts there; it fills the leaves."),
    ),
    _prediction(
        "constant_in_the_graph",
        "In the picture x requires no gradient, and the box of w * x saved x. What does "
        "that box hold if x requires a gradient as well?",
        Choice(
            "the same: a way to w, and x saved",
            "Then x would get no slope, and it requires one.",
        ),
        Choice(
            "ways to w and to x, and x saved",
            "The slope with respect to x is w; so w is needed too.",
        ),
        Choice(
            "ways to w and to x, and both saved",
            "Each factor is the slope with respect to the other.",
            right=True,
        ),
    ),
    _prediction(
        "used_twice",
        "y = x * x + 3 * x at x = 2. What is x.grad after y.backward()?",
        Choice("5, from 2 and 3", "x * x uses x twice: both uses count."),
        Choice("7, from 2, 2 and 3", "All paths from y to x are added.", right=True),
        Choice("12, from 2 times 2 times 3", "Along a path one multiplies; paths add."),
    ),
    _prediction(
        "vector_backward",
        "x has three elements and y = x**2. What does y.backward() do?",
        Choice("fills x.grad with 2 * x", "That would be y.sum().backward()."),
        Choice("makes a 3x3 table of slopes", "Autograd never makes that table."),
        Choice(
            "raises an error",
            "It cannot know how much each of the three outputs counts.",
            right=True,
        ),
    ),
    _prediction(
        "stretched_bias",
        "bias has shape (3,) and is added to 4 rows; the result is summed. What is bias.grad?",
        Choice("[1, 1, 1]", "That is the part of one row; there are four."),
        Choice("[4, 4, 4]", "Each place was used in four rows.", right=True),
        Choice("a 4x3 table of ones", "A gradient has the shape of its tensor."),
    ),
    _prediction(
        "two_backwards",
        "At x = 3 the slope of x * x is 6. Calculate x * x and call backward(), three "
        "times over. What is x.grad each time?",
        Choice("6, 6, 6", "backward() does not empty .grad; it adds to it."),
        Choice("6, 12, 18", "Each backward() adds 6.", right=True),
        Choice("6, then an error", "Each round has a fresh graph, so there is none."),
    ),
    _prediction(
        "second_backward",
        "y.backward() is called twice on the same y. For which y does the second call fail?",
        Choice("for both, x + 3 and x * x", "A sum saves nothing, so it misses nothing."),
        Choice("for x * x only", "Its saved factors were freed.", right=True),
        Choice("for neither", "Saved numbers are freed by the first call."),
    ),
    _prediction(
        "grad_is_left_alone",
        "After torch.autograd.grad(y, x), what is x.grad?",
        Choice("the slope", "It is returned, and put nowhere."),
        Choice("None", "torch.autograd.grad only returns.", right=True),
        Choice("zero", "Nothing was written to .grad, not even a zero."),
    ),
    _prediction(
        "no_grad_result",
        "Four layers whose weights require a gradient. Under torch.no_grad(), what does "
        "the result look like?",
        Choice(
            "the same values, requires_grad False",
            "Nothing that is calculated inside is remembered.",
            right=True,
        ),
        Choice(
            "the same values, requires_grad True",
            "The weights require one; the result does not, because nothing was recorded.",
        ),
        Choice("an error", "Calculating without recording is always allowed."),
    ),
    _prediction(
        "list_of_losses",
        "A validation without no_grad() keeps each loss in a list. After 10 rounds, how "
        "much memory of saved tensors is held, compared with 1 round?",
        Choice("the same: old graphs are freed", "The list holds the old losses."),
        Choice("10 times as much", "Each loss holds its whole graph.", right=True),
        Choice("10 numbers more", "A loss is a number with a graph behind it."),
    ),
    _prediction(
        "data_gradient",
        "root = x.sqrt() saved its result. root.data.mul_(10) changes it. What does "
        "backward() give for x, where 0.25 is right?",
        Choice("0.25", "The saved result is the one that was changed."),
        Choice("an error", "detach() would lead to one; .data hides the change."),
        Choice(
            "0.025, without a word",
            "1 / (2 * 20): the rule uses the changed result.",
            right=True,
        ),
    ),
    _prediction(
        "in_place_after",
        "y = function(x), then y.mul_(2). For which function does backward() fail?",
        Choice("exp", "Its slope is its result, and that was changed.", right=True),
        Choice("sin", "Its slope is the cosine of its input, which is untouched."),
        Choice("x + 1", "A sum saves nothing."),
        Choice("all three", "Only a change of a saved tensor is a mistake."),
    ),
    _prediction(
        "halved_on_the_way",
        "middle = x * x at x = 1, and (middle * 10).sum().backward(). One hook on middle "
        "only looks, the next returns gradient / 2. What is x.grad?",
        Choice("20, as without hooks", "What a hook returns replaces the gradient."),
        Choice("10", "10 arrives, 5 goes on, times 2x = 2.", right=True),
        Choice("None: the first hook returns nothing", "Nothing returned: nothing changed."),
    ),
    _prediction(
        "second_derivative",
        "y = x**3 at x = 2. What is the slope of the slope?",
        Choice("6", "The second derivative is 6x, not 6."),
        Choice("12", "Slope 3x², slope of that 6x; at 2 it is 12.", right=True),
        Choice("8", "That is the value."),
    ),
    _prediction(
        "rounded_slope",
        "What is the gradient of x.round().sum()?",
        Choice("all ones", "That is the straight-through trick, not the derivative."),
        Choice(
            "all zeros",
            "A small change of x does not change the rounded number.",
            right=True,
        ),
        Choice("an error: round has no derivative", "It has one nearly everywhere: 0."),
    ),
    _prediction(
        "smaller_step",
        "You make the step of the central difference smaller, from 0.1 down to 10⁻¹². "
        "What happens to the error of the slope?",
        Choice("it falls all the way", "Two nearly equal numbers are subtracted at last."),
        Choice(
            "it falls and then rises",
            "First the chord, then rounding: there is a best step.",
            right=True,
        ),
        Choice("it rises all the way", "A long step measures a chord, not the slope."),
    ),
    _prediction(
        "where_nan",
        "y = torch.where(x > 0, x.sqrt(), 0.0) at x = 0. What is the gradient there?",
        Choice("0", "That is what you want. But 0 times infinity is not 0."),
        Choice("infinity", "where multiplies it by 0 on the way back."),
        Choice("nan", "0 from where, times the infinite slope of sqrt.", right=True),
    ),
    _prediction(
        "jacobian_shape",
        "two takes 3 numbers and gives 2. What shape has jacrev(two)(x)?",
        Choice("(2, 3)", "A row for each output, a column for each input.", right=True),
        Choice("(3, 2)", "Outputs come first."),
        Choice("(3,)", "That is the gradient of a single output."),
    ),
    _prediction(
        "mean_of_gradients",
        "178 wines have a gradient each, for 4 weights. What is the mean of them?",
        Choice("the gradient of the mean loss", "A slope of a sum is a sum.", right=True),
        Choice("something else: squares do not add up", "The losses are added, after all."),
        Choice("a single number", "The mean over the wines leaves 4 numbers."),
    ),
    _prediction(
        "more_or_less",
        "At strength 1 the slope of the error on new wines is negative. What does it advise?",
        Choice("less ridge", "A negative slope: with less strength the error rises."),
        Choice("more ridge", "With more strength the error falls.", right=True),
        Choice("strength 1 is best", "At the lowest place the slope is 0."),
    ),
    _prediction(
        "larger_rate",
        "With a rate of 0.3 the walk reaches the formula's weights. What does it do with 0.8?",
        Choice("it arrives sooner", "A step can be too long: it lands beyond the lowest place."),
        Choice("it arrives at another place", "There is only one lowest place here."),
        Choice(
            "it runs away from the lowest place",
            "Each step lands further off on the other side.",
            right=True,
        ),
    ),
)
