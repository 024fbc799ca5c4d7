import torch

from exercises.chapter_02._shared import valley, wines
from helpers import data
from helpers.grading.exercise import Exercise, edit


def wine_loss(weights: torch.Tensor) -> torch.Tensor:
    """Logistic loss of "is this wine of cultivar 0?", with a little ridge."""
    features, _ = wines()
    is_first = data.wine().cultivars == 0
    margins = torch.where(is_first, 1.0, -1.0) * (features @ weights)
    return torch.nn.functional.softplus(-margins).mean() + 0.01 * weights.square().sum()


exercise = Exercise(
    "newton_fit(loss, weights, steps)",
    title="Newton's method for a model",
    prompt="""
        With several weights the slope becomes the gradient, and the curvature a matrix of
        second derivatives, the **Hessian**. Dividing becomes solving. Write
        `newton_fit(loss, weights, steps)`: `steps` times subtract the solution of
        `hessian @ solution = gradient`. The second check fits 178 wines.
    """,
    shapes="loss: (n,) to 0-d. weights: (n,), float64, no gradient. Returns (n,).",
    cases=[
        lambda: (valley, torch.tensor([0.5, 1.0], dtype=torch.float64), 1),
        lambda: (wine_loss, torch.zeros(4, dtype=torch.float64), 3),
        lambda: (valley, torch.tensor([0.5], dtype=torch.float64), 2),
    ],
    hints=(
        "torch.func.grad(loss)(weights) and torch.func.hessian(loss)(weights).",
        "torch.linalg.solve(matrix, vector) finds x such that matrix @ x = vector.",
        "weights = weights - torch.linalg.solve(…), in a loop over the steps",
    ),
)


@exercise.answer(why="solve(hessian, gradient) is what slope / curvature is with one weight.")
def newton_fit(loss, weights, steps):
    for _ in range(steps):
        gradient = torch.func.grad(loss)(weights)
        hessian = torch.func.hessian(loss)(weights)
        weights = weights - torch.linalg.solve(hessian, gradient)
    return weights


@exercise.right
def _(loss, weights, steps):
    for _ in range(steps):
        hessian = torch.autograd.functional.hessian(loss, weights)
        gradient = torch.autograd.functional.jacobian(loss, weights)
        weights = weights - torch.linalg.inv(hessian) @ gradient
    return weights


@exercise.right
def _(loss, weights, steps):
    for _ in range(steps):
        point = weights.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(point), point, create_graph=True)
        rows = [torch.autograd.grad(g, point, retain_graph=True)[0] for g in gradient]
        step = torch.linalg.solve(torch.stack(rows), gradient.detach())
        weights = weights - step
    return weights


exercise.mistake("the sign: subtract the solution", edit("weights - ", "weights + "))
exercise.mistake(
    "/ works place by place and broadcasts; use torch.linalg.solve",
    edit("torch.linalg.solve(hessian, gradient)", "gradient / hessian"),
)
exercise.mistake(
    "only the diagonal was used; the weights act on each other",
    edit("torch.linalg.solve(hessian, gradient)", "gradient / hessian.diagonal()"),
)
exercise.mistake(
    "multiplied by the Hessian; solve divides by it",
    edit("torch.linalg.solve(hessian, gradient)", "hessian @ gradient"),
)


@exercise.mistake("this is the step; subtract it from the weights")
def _(loss, weights, steps):
    gradient = torch.func.grad(loss)(weights)
    hessian = torch.func.hessian(loss)(weights)
    return torch.linalg.solve(hessian, gradient)


@exercise.mistake("one step only; repeat it `steps` times, with a new gradient and Hessian")
def _(loss, weights, steps):
    gradient = torch.func.grad(loss)(weights)
    hessian = torch.func.hessian(loss)(weights)
    return weights - torch.linalg.solve(hessian, gradient)


exercise.rejected("changed its input", edit("weights = weights - ", "weights -= "))
