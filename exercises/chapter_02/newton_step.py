"""Exercise newton_step: a step of Newton's method."""

import torch

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer


def quartic(x: torch.Tensor) -> torch.Tensor:
    """x⁴ - 2 x: slope 4 x³ - 2, curvature 12 x²."""
    return x**4 - 2 * x


def hyperbola(x: torch.Tensor) -> torch.Tensor:
    """x + 4 / x, lowest at 2."""
    return x + 4 / x


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
    mistakes=(
        KnownMistake(
            """
            x = x.detach().requires_grad_()
            slope = torch.autograd.grad(function(x), x, create_graph=True)
            curvature = torch.autograd.grad(slope, x)
            return (x - slope / curvature).detach()
            """,
            "torch.autograd.grad returns a tuple; take its element with [0] or (slope,) =",
        ),
        KnownMistake(
            """
            x = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
            curvature = torch.autograd.grad(slope, x)
            return (x - slope / curvature).detach()
            """,
            "the curvature is a tuple; take its element with [0] or (curvature,) =",
        ),
        KnownMistake(
            """
            slope = torch.func.grad(function)
            return x - slope(x) / (slope(x) + torch.func.grad(slope)(x))
            """,
            "the second backward() added the curvature to the slope in x.grad; empty it "
            "with x.grad = None in between",
        ),
        KnownMistake(
            "x - 1",
            "slope / curvature is 1 when both names mean the same tensor, x.grad; keep the "
            "slope and empty x.grad with x.grad = None before the second backward()",
        ),
        KnownMistake(
            """
            x = x.detach().requires_grad_()
            (slope,) = torch.autograd.grad(function(x), x)
            (curvature,) = torch.autograd.grad(slope, x)
            return (x - slope / curvature).detach()
            """,
            "the slope has no graph; ask for it with create_graph=True",
        ),
        KnownMistake(
            """
            slope = torch.func.grad(function)(x)
            return x - function(x) / slope
            """,
            "this looks for a zero of the function; the lowest place is a zero of its slope",
        ),
        KnownMistake(
            """
            slope = torch.func.grad(function)
            return x + slope(x) / torch.func.grad(slope)(x)
            """,
            "the sign: subtract slope / curvature",
        ),
        KnownMistake(
            """
            slope = torch.func.grad(function)
            return x - torch.func.grad(slope)(x) / slope(x)
            """,
            "upside down: divide the slope by the curvature",
        ),
    ),
    rejected=(
        RejectedAnswer(
            """
            x.requires_grad_()
            (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
            (curvature,) = torch.autograd.grad(slope, x)
            return (x - slope / curvature).detach()
            """,
            "changed whether its input carries a gradient",
        ),
        RejectedAnswer(
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
