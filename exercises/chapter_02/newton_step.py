import torch

from helpers.grading.exercise import Exercise, edit


def quartic(x: torch.Tensor) -> torch.Tensor:
    """x⁴ - 2 x: slope 4 x³ - 2, curvature 12 x²."""
    return x**4 - 2 * x


def hyperbola(x: torch.Tensor) -> torch.Tensor:
    """x + 4 / x, lowest at 2."""
    return x + 4 / x


exercise = Exercise(
    "newton_step(function, x)",
    title="a step of Newton's method",
    prompt="""
        To find the lowest place of a function, Newton's method goes from `x` to
        `x - slope / curvature`, where the **curvature** is the second derivative. Write
        `newton_step(function, x)`. The result carries no graph.
    """,
    shapes="function: 0-d to 0-d. x: 0-d, float64, no gradient. Returns 0-d.",
    cases=[
        lambda: (quartic, torch.tensor(2.0, dtype=torch.float64)),
        lambda: (hyperbola, torch.tensor(1.5, dtype=torch.float64)),
    ],
    hints=(
        "The curvature is the slope of the slope.",
        "torch.autograd.grad(…, create_graph=True) gives a slope that has a graph.",
        "Ask for the gradient of that slope; then detach the result.",
    ),
)


@exercise.answer(why="create_graph=True makes the slope itself a result that has a graph.")
def newton_step(function, x):
    x = x.detach().requires_grad_()
    (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
    (curvature,) = torch.autograd.grad(slope, x)
    return (x - slope / curvature).detach()


@exercise.right
def by_func(function, x):
    slope = torch.func.grad(function)
    return x - slope(x) / torch.func.grad(slope)(x)


@exercise.right
def _(function, x):
    x = x.clone().requires_grad_()
    function(x).backward(create_graph=True)
    slope = x.grad
    x.grad = None
    slope.backward()
    result = (x - slope / x.grad).detach()
    return result


exercise.mistake(
    "torch.autograd.grad returns a tuple; take its element with [0] or (slope,) =",
    edit("(slope,)", "slope").edit("(curvature,)", "curvature"),
)
exercise.mistake(
    "the curvature is a tuple; take its element with [0] or (curvature,) =",
    edit("(curvature,)", "curvature"),
)
exercise.mistake(
    "the second backward() added the curvature to the slope in x.grad; empty it with x.grad = "
    "None in between",
    edit("torch.func.grad(slope)(x)", "(slope(x) + torch.func.grad(slope)(x))", of=by_func),
)
exercise.mistake(
    "slope / curvature is 1 when both names mean the same tensor, x.grad; keep the slope and "
    "empty x.grad with x.grad = None before the second backward()",
    lambda function, x: x - 1,
)
exercise.mistake(
    "the slope has no graph; ask for it with create_graph=True",
    edit("x, create_graph=True", "x"),
)


@exercise.mistake("this looks for a zero of the function; the lowest place is a zero of its slope")
def _(function, x):
    slope = torch.func.grad(function)(x)
    return x - function(x) / slope


exercise.mistake("the sign: subtract slope / curvature", edit("x - slope", "x + slope", of=by_func))
exercise.mistake(
    "upside down: divide the slope by the curvature",
    edit(
        "slope(x) / torch.func.grad(slope)(x)", "torch.func.grad(slope)(x) / slope(x)", of=by_func
    ),
)

exercise.rejected("changed whether its input carries a gradient", edit("x = x.detach()", "x"))
exercise.rejected(
    "still carries the gradient",
    edit("x.detach", "x.clone").edit("(x - slope / curvature).detach()", "x - slope / curvature"),
)
