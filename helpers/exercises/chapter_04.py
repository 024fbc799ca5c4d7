"""Exercises and predictions of chapter 04, training."""

from typing import Any

import torch
from torch import nn

from helpers.exercises.exercise import Exercise, Slip, Wrong
from helpers.exercises.modules import ModuleExercise, Unfit, filled
from helpers.exercises.prediction import Choice, Prediction
from helpers.exercises.probe import shares_memory


def _integers(*shape: int, low: int = 0, high: int = 10, seed: int = 0) -> torch.Tensor:
    """Random int64 numbers from a generator of their own."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(low, high, shape, generator=generator)


def _floats(*shape: int, seed: int = 0) -> torch.Tensor:
    """Random float32 numbers with one decimal, from -3 to 3."""
    return _integers(*shape, low=-30, high=31, seed=seed) / 10


def _normed_model() -> nn.Module:
    """A small classifier with batch norm, 4 numbers to 3 classes, in evaluation mode."""
    layers = nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3)
    return filled(nn.Sequential(*layers)).eval()


def _watched(model: nn.Module) -> nn.Module:
    """The same model; `calls` notes how many samples each call gets, and what became of it.

    A call is a dictionary: "samples", "graph" (whether one was recorded), "open" (how many
    calls before it still waited for their `backward`), "learning" (whether a part was in
    training mode).
    """
    model.calls, done = [], []

    def note(called: nn.Module, inputs: tuple, output: torch.Tensor) -> None:
        waiting = sum(call["graph"] for call in model.calls) - len(done)
        samples, graph = len(inputs[0]), output.requires_grad
        learning = any(module.training for module in called.modules())
        call = {"samples": samples, "graph": graph, "open": waiting, "learning": learning}
        model.calls.append(call)
        if graph:
            output.register_hook(lambda _: done.append(True))

    model.register_forward_hook(note)
    return model


def _epoch_case(rate: float, sizes: list[int]) -> tuple:
    """A model, its optimiser, ten samples, and an order of them cut into batches."""
    model = _normed_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    order = torch.tensor([3, 7, 1, 0, 9, 4, 6, 2, 8, 5]).split(sizes)
    return model, optimizer, _floats(10, 4), _integers(10, high=3, seed=1), list(order)


def _look_at_epoch(result: Any, model: nn.Module, *_: Any) -> Any:
    """The mean loss, and what the model has learned."""
    if isinstance(result, torch.Tensor):
        raise Unfit("a tensor came back; a Python number was asked for: .item()")
    start = dict(_normed_model().named_parameters())
    if all(torch.equal(value, start[name]) for name, value in model.named_parameters()):
        raise Unfit(
            "no parameter has moved. Each batch needs optimizer.step(), after backward() "
            "and before the next zero_grad()"
        )
    after = torch.cat([value.flatten().float() for value in model.state_dict().values()])
    return {"mean loss": result, "model afterwards": after}


_EPOCH = """
    {first}
    total = 0.0
    for batch in order:
        {zero}
        loss = F.cross_entropy({scores}, targets[batch])
        {learn}
        {add}
    return {result}
"""
_LEARN = """
        loss.backward()
        optimizer.step()
"""


def _epoch(
    first: str = "model.train()",
    zero: str = "optimizer.zero_grad()",
    scores: str = "model(inputs[batch])",
    learn: str = _LEARN,
    add: str = "total += loss.item() * len(batch)",
    result: str = "total / len(targets)",
) -> str:
    """The loop over one epoch, with some of its lines replaced."""
    lines = {"first": first, "zero": zero, "scores": scores, "learn": learn.strip()}
    return _EPOCH.format(**lines, add=add, result=result)


TRAIN_EPOCH = ModuleExercise(
    chapter="04",
    signature="train_epoch(model, optimizer, inputs, targets, order)",
    title="one epoch, and its mean loss",
    prompt="""
        Write `train_epoch(model, optimizer, inputs, targets, order)`. `order` is a list of
        index tensors, one for each batch; they are not of equal length, and together they
        hold each sample once. Put the model into training mode, make one step for each
        batch with `F.cross_entropy`, and return the mean loss **over all samples**, a Python
        number: the loss of each batch is a mean over its samples, so a smaller batch counts
        for less.
    """,
    shapes="inputs: (n, 4). targets: (n,), int64. Returns a float.",
    cases=lambda: [_epoch_case(0.5, [4, 4, 2]), _epoch_case(0.1, [6, 4])],
    look=_look_at_epoch,
    then="the returned loss, the model's parameters and its running means were compared",
    model_answer=_epoch(),
    why="Each batch's mean is turned back into a sum; the sum is divided by all samples.",
    hints=(
        "Five lines for each batch: zero_grad, scores, loss, backward, step.",
        "inputs[batch] and targets[batch] are the samples of a batch.",
        "total += loss.item() * len(batch), and at the end total / len(targets)",
    ),
    right=(
        """
        model.train()
        sums = []
        for batch in order:
            scores = model(inputs[batch])
            losses = F.cross_entropy(scores, targets[batch], reduction="none")
            model.zero_grad()
            losses.mean().backward()
            optimizer.step()
            sums.append(losses.detach().sum())
        return (sum(sums) / sum(len(batch) for batch in order)).item()
        """,
        """
        model.train()
        losses, sizes = [], []
        for batch in order:
            loss = nn.CrossEntropyLoss()(model(inputs[batch]), targets[batch])
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.detach())
            sizes.append(len(batch))
        sizes = torch.tensor(sizes)
        return ((torch.stack(losses) * sizes).sum() / sizes.sum()).item()
        """,
    ),
    slips=(
        Slip(
            _epoch(zero="pass"),
            "without zero_grad the gradients of all batches so far add up",
        ),
        Slip(
            _epoch(add="total += loss.item()", result="total / len(order)"),
            "the mean of the batches' means counts the small batch as much as a large one",
        ),
        Slip(
            _epoch(first="pass"),
            "the model came in evaluation mode and was left in it: model.train()",
        ),
        Slip(
            _epoch(add="total += loss.item()", result="total"),
            "the losses are added, not averaged",
        ),
        Slip(
            _epoch(result="total"),
            "this is the sum over all samples; divide it by their number",
        ),
        Slip(
            _epoch(add="total = loss.item()", result="total"),
            "this is the loss of the last batch, not the mean of all",
        ),
        Slip(
            _epoch(
                add="loss = F.cross_entropy(model(inputs[batch]), targets[batch])\n"
                "        total += loss.item() * len(batch)"
            ),
            "each loss is measured anew after its step; the loss from before the step counts",
        ),
        Slip(
            _epoch(
                learn="F.cross_entropy(model(inputs[batch]), targets[batch], "
                "reduction='sum').backward()\n        optimizer.step()",
            ),
            "the steps follow the sum of the losses; each step follows the mean of its batch",
        ),
        Slip(
            """
            model.train()
            total = 0.0
            for batch in order:
                optimizer.zero_grad()
                scores = model(inputs[batch])
                loss = F.cross_entropy(scores, targets[batch], reduction="sum")
                loss.backward()
                optimizer.step()
                total += loss.item()
            return total / len(targets)
            """,
            "the steps follow the sum of the losses of a batch, and are too long: use the mean",
        ),
        Slip(
            _epoch(scores="model(inputs[batch]).softmax(dim=1)"),
            "cross_entropy takes scores as they are; it does the softmax itself",
        ),
    ),
    wrong=(
        Wrong(
            _epoch(add="total += loss * len(batch)"),
            "a tensor came back; a Python number was asked for",
        ),
        Wrong(_epoch(learn="loss.backward()"), "no parameter has moved"),
        Wrong(_epoch(zero="continue"), "no parameter has moved"),
        Wrong(
            _epoch(
                learn="loss.backward()\n        optimizer.zero_grad()\n        optimizer.step()"
            ),
            "no parameter has moved",
        ),
    ),
)

_ADAM = """
    mean = {mean}
    square = {square}
    corrected = {corrected}
    spread = {spread}
    return weight {sign} rate * corrected / {below}, {kept}
"""


def _adam(
    mean: str = "0.9 * mean + 0.1 * gradient",
    square: str = "0.999 * square + 0.001 * gradient**2",
    corrected: str = "mean / (1 - 0.9**step)",
    spread: str = "square / (1 - 0.999**step)",
    sign: str = "-",
    below: str = "(spread.sqrt() + 1e-8)",
    kept: str = "mean, square",
) -> str:
    """One step of Adam, with some of its lines replaced."""
    lines = {"mean": mean, "square": square, "corrected": corrected, "spread": spread}
    return _ADAM.format(**lines, sign=sign, below=below, kept=kept)


ADAM_STEP = Exercise(
    chapter="04",
    signature="adam_step(weight, gradient, mean, square, step, rate)",
    title="a step of Adam by hand",
    prompt="""
        Write `adam_step(weight, gradient, mean, square, step, rate)`. Adam keeps two running
        means: `mean` of the gradients (0.9 of the old, 0.1 of the new one) and `square` of
        their squares (0.999 of the old). Both start at 0 and are too small at first, so
        divide them by `1 - 0.9**step` and `1 - 0.999**step`; `step` counts from 1. The
        weight goes down by the rate times the corrected mean, divided by the root of the
        corrected square plus `1e-8`. Return three new tensors: the weight, and both running
        means as they are kept, not corrected.
    """,
    shapes="weight, gradient, mean, square: one shape. step: int. Returns a tuple of 3.",
    cases=lambda: [
        (_floats(2, 2), _floats(2, 2, seed=2), _floats(2, 2, seed=3), torch.ones(2, 2), 4, 0.5),
        (_floats(3), _floats(3, seed=1), torch.zeros(3), torch.zeros(3), 1, 0.1),
        (torch.ones(3), torch.tensor([1e-6, -2e-6, 0.0]), torch.zeros(3), torch.zeros(3), 1, 0.1),
    ],
    model_answer=_adam(),
    why="The mean says where to go; the root of the square makes all steps of one size.",
    hints=(
        "First update both running means with the new gradient, then correct them.",
        "mean = 0.9 * mean + 0.1 * gradient makes a new tensor; the old one stays.",
        "weight - rate * (mean / (1 - 0.9**step)) / (root of the corrected square + 1e-8)",
    ),
    right=(
        """
        mean = torch.lerp(mean, gradient, 0.1)
        square = square * 0.999 + gradient * gradient * 0.001
        down = rate / (1 - 0.9**step) * mean
        return weight - down / ((square / (1 - 0.999**step)) ** 0.5 + 1e-8), mean, square
        """,
        """
        mean = mean.mul(0.9).add(gradient, alpha=0.1)
        square = square.mul(0.999).addcmul(gradient, gradient, value=0.001)
        root = square.div(1 - 0.999**step).sqrt().add(1e-8)
        new = weight.addcdiv(mean / (1 - 0.9**step), root, value=-rate)
        return new, mean, square
        """,
    ),
    slips=(
        Slip(
            _adam(corrected="mean", spread="square"),
            "the running means start at 0 and must be corrected: / (1 - 0.9**step)",
        ),
        Slip(_adam(sign="+"), "this goes uphill: the step is subtracted"),
        Slip(
            _adam(below="(spread + 1e-8)"),
            "divide by the root of the square, so that the units fit: .sqrt()",
        ),
        Slip(
            _adam(mean="0.1 * mean + 0.9 * gradient"),
            "0.9 is the share of the old mean, 0.1 that of the new gradient",
        ),
        Slip(
            _adam(square="0.9 * square + 0.1 * gradient**2"),
            "the squares keep 0.999 of the old: 0.001 of the new one comes in",
        ),
        Slip(
            _adam(square="0.999 * square + 0.1 * gradient**2"),
            "0.999 of the old square is kept, so 0.001 of the new one comes in, not 0.1",
        ),
        Slip(
            _adam(
                corrected="mean / (1 - 0.9 ** (step + 1))",
                spread="square / (1 - 0.999 ** (step + 1))",
            ),
            "step counts from 1 already: 0.9**step, without + 1",
        ),
        Slip(
            _adam(kept="square, mean"),
            "the running means are exchanged: the mean comes first, then the square",
        ),
        Slip(
            _adam(square="0.999 * square + 0.001 * gradient"),
            "square is the mean of the squared gradients: gradient**2",
        ),
        Slip(
            _adam(kept="corrected, spread"),
            "the corrected means came back; the next step needs them as they are kept",
        ),
        Slip(
            _adam(below="spread.sqrt()"),
            "a gradient of 0 gives 0 / 0, nan; 1e-8 is added to the root",
        ),
        Slip(
            _adam(below="(spread + 1e-8).sqrt()"),
            "1e-8 is added to the root, not under it: there a tiny gradient drowns in it",
        ),
    ),
    wrong=(
        Wrong(
            """
            mean.mul_(0.9).add_(gradient, alpha=0.1)
            square = 0.999 * square + 0.001 * gradient**2
            root = (square / (1 - 0.999**step)).sqrt() + 1e-8
            return weight - rate * mean / (1 - 0.9**step) / root, mean, square
            """,
            "changed its input",
        ),
    ),
)


def _look_at_groups(result: Any, model: nn.Module, decay: float) -> Any:
    """The weight decay of each group, and of each parameter by its name."""
    if not isinstance(result, list) or not all(isinstance(group, dict) for group in result):
        raise Unfit("a list of dictionaries was asked for, one for each group")
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    found = {}
    for group in result:
        if set(group) != {"params", "weight_decay"}:
            raise Unfit("each group has the keys 'params' and 'weight_decay', and no others")
        for parameter in group["params"]:
            if id(parameter) not in names:
                raise Unfit("a group holds something that is no parameter of the model")
            if names[id(parameter)] in found:
                raise Unfit(f"{names[id(parameter)]} is in the groups twice")
            found[names[id(parameter)]] = float(group["weight_decay"])
    return [float(group["weight_decay"]) for group in result], dict(sorted(found.items()))


def _groups_models() -> list[tuple]:
    """Models with linear layers, convolutions and norms, one of them with a model inside."""
    flat = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2, bias=False))
    grid = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten())
    inner = nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3))
    return [(flat, 0.1), (grid, 0.5), (nn.Sequential(inner, nn.Linear(3, 2)), 0.2)]


_GROUPS = """
    decayed, others = [], []
    for name, parameter in model.named_parameters():
        ({choice}).append(parameter)
    return [
        {{"params": decayed, "weight_decay": {one}}},
        {{"params": others, "weight_decay": {two}}},
    ]
"""


def _groups(choice: str, one: str = "decay", two: str = "0.0") -> str:
    """Two groups, where `choice` names the list of each parameter."""
    return _GROUPS.format(choice=choice, one=one, two=two)


DECAY_GROUPS = ModuleExercise(
    chapter="04",
    signature="decay_groups(model, decay)",
    title="no decay on biases and norms",
    prompt="""
        Write `decay_groups(model, decay)`: a list of two dictionaries that an optimiser takes
        as parameter groups. The first holds the parameters with two or more dimensions, such
        as the weights of linear layers and convolutions, with `"weight_decay": decay`. The
        second holds the rest, with `"weight_decay": 0.0`: all biases, and the weights of the
        norms. It must work for any model, also for one with models inside.
    """,
    shapes="model: any nn.Module. Returns a list of two dicts: params, weight_decay.",
    cases=_groups_models,
    look=_look_at_groups,
    then="the weight decay of each group and of each parameter was looked up",
    model_answer="""
        weights = [p for p in model.parameters() if p.dim() >= 2]
        others = [p for p in model.parameters() if p.dim() < 2]
        return [
            {"params": weights, "weight_decay": decay},
            {"params": others, "weight_decay": 0.0},
        ]
    """,
    why="Biases and the numbers of norms are vectors; what mixes inputs has 2 dimensions or more.",
    hints=(
        "What shape has a bias, what shape the weight of a norm, and of a linear layer?",
        "parameter.dim() tells vectors from matrices and kernels.",
        '{"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": …}',
    ),
    right=(
        _groups("decayed if parameter.ndim > 1 else others"),
        """
        vectors = {id(p) for p in model.parameters() if len(p.shape) <= 1}
        return [
            {"params": [p for p in model.parameters() if id(p) not in vectors],
             "weight_decay": decay},
            {"params": [p for p in model.parameters() if id(p) in vectors],
             "weight_decay": 0.0},
        ]
        """,
    ),
    slips=(
        Slip(
            _groups("others if 'bias' in name else decayed"),
            "the weights of the norms are decayed too; they are called weight, as others",
        ),
        Slip(
            _groups("decayed if parameter.dim() == 2 else others"),
            "the kernels of a convolution have 4 dimensions; they are to be decayed",
        ),
        Slip(
            _groups("decayed if parameter.dim() >= 2 else others", "0.0", "decay"),
            "the two groups are the wrong way round",
        ),
        Slip(
            """
            vectors = [p for p in model.parameters() if p.dim() < 2]
            weights = [p for p in model.parameters() if p.dim() >= 2]
            return [
                {"params": vectors, "weight_decay": 0.0},
                {"params": weights, "weight_decay": decay},
            ]
            """,
            "the groups are right but exchanged: the one that decays comes first",
        ),
        Slip(
            _groups("others if parameter.dim() >= 2 else decayed"),
            "the biases and norms are in the group that decays, and the weights are not",
        ),
        Slip(
            """
            weights = [p for p in model.parameters() if p.dim() >= 2]
            others = [p for p in model.parameters() if p not in weights]
            return [
                {"params": weights, "weight_decay": decay},
                {"params": others, "weight_decay": 0.0},
            ]
            """,
            "`in` compares tensors by their values; test the shape a second time, or use id(p)",
        ),
        Slip(
            """
            weights = [m.weight for m in model.children() if isinstance(m, nn.Linear | nn.Conv2d)]
            known = {id(p) for p in weights}
            others = [p for p in model.parameters() if id(p) not in known]
            return [
                {"params": weights, "weight_decay": decay},
                {"params": others, "weight_decay": 0.0},
            ]
            """,
            "children() are the outer layers only; model.parameters() goes through all",
        ),
        Slip(
            """
            weights = [p for p in model.parameters() if p.dim() >= 2]
            return [{"params": weights, "weight_decay": decay}]
            """,
            "the biases and norms are in no group, so no optimiser would train them",
        ),
    ),
    wrong=(
        Wrong(
            """
            return [
                {"params": [p for p in model.parameters()], "weight_decay": decay},
                {"params": [p for p in model.parameters() if p.dim() < 2],
                 "weight_decay": 0.0},
            ]
            """,
            "is in the groups twice",
        ),
        Wrong("return [p for p in model.parameters() if p.dim() >= 2]", "a list of dictionaries"),
    ),
)

RATE_FACTOR = Exercise(
    chapter="04",
    signature="rate_factor(step, warm_steps, total_steps)",
    title="warm up, then a half cosine",
    prompt="""
        Write `rate_factor(step, warm_steps, total_steps)`, a function for `LambdaLR`: what
        the rate is multiplied by at a step, counted from 0. In the first `warm_steps` steps
        it rises in equal parts and is 1 at the last of them. From there half a cosine leads
        down: 1 at step `warm_steps`, 0 at step `total_steps`.
    """,
    shapes="step, warm_steps, total_steps: int. Returns a float.",
    cases=lambda: [
        (0, 4, 20),
        (3, 4, 20),
        (4, 4, 20),
        (8, 4, 20),
        (20, 4, 20),
        (7, 5, 11),
    ],
    model_answer="""
        if step < warm_steps:
            return (step + 1) / warm_steps
        share = (step - warm_steps) / (total_steps - warm_steps)
        return 0.5 * (1 + math.cos(math.pi * share))
    """,
    why="The share that is done runs from 0 to 1, and its cosine from 1 to -1.",
    hints=(
        "Two cases: step < warm_steps, and the rest.",
        "Which share of the way down is done? It is 0 at warm_steps, 1 at total_steps.",
        "0.5 * (1 + math.cos(math.pi * share)) runs from 1 to 0 while share goes 0 to 1.",
    ),
    right=(
        """
        down = (step - warm_steps) / (total_steps - warm_steps)
        cosine = math.cos(math.pi * down / 2) ** 2
        return (step + 1) / warm_steps if step < warm_steps else cosine
        """,
        """
        if step >= warm_steps:
            angle = torch.tensor((step - warm_steps) / (total_steps - warm_steps)) * math.pi
            return 0.5 + 0.5 * angle.cos().item()
        return 1 - (warm_steps - step - 1) / warm_steps
        """,
    ),
    slips=(
        Slip(
            """
            if step < warm_steps:
                return step / warm_steps
            share = (step - warm_steps) / (total_steps - warm_steps)
            return 0.5 * (1 + math.cos(math.pi * share))
            """,
            "at step 0 the rate would be 0, and the first step wasted: (step + 1) / warm_steps",
        ),
        Slip(
            """
            if step < warm_steps:
                return (step + 1) / warm_steps
            return 0.5 * (1 + math.cos(math.pi * step / total_steps))
            """,
            "the cosine begins at step warm_steps, not at step 0",
        ),
        Slip(
            """
            if step < warm_steps:
                return (step + 1) / warm_steps
            share = (step - warm_steps) / (total_steps - warm_steps)
            return math.cos(math.pi * share)
            """,
            "the cosine runs from 1 to -1, and a rate is not negative: 0.5 * (1 + …)",
        ),
        Slip(
            """
            if step < warm_steps:
                return (step + 1) / warm_steps
            share = (step - warm_steps) / (total_steps - warm_steps)
            return math.cos(math.pi / 2 * share)
            """,
            "this is a quarter of a cosine; half of one runs to math.pi: 0.5 * (1 + …)",
        ),
        Slip(
            """
            if step < warm_steps:
                return (step + 1) / warm_steps
            return 1 - (step - warm_steps) / (total_steps - warm_steps)
            """,
            "this is a straight line down; half a cosine was asked for",
        ),
        Slip(
            """
            if step < warm_steps:
                return (step + 1) / warm_steps
            return 0.5 * (1 + math.cos(math.pi * (step - warm_steps) / total_steps))
            """,
            "the way down has total_steps - warm_steps steps",
        ),
        Slip(
            """
            if step <= warm_steps:
                return (step + 1) / warm_steps
            share = (step - warm_steps) / (total_steps - warm_steps)
            return 0.5 * (1 + math.cos(math.pi * share))
            """,
            "at step warm_steps the cosine begins: step < warm_steps, not <=",
        ),
        Slip(
            """
            if step < warm_steps:
                return (step + 1) / warm_steps
            share = (step - warm_steps) / (total_steps - 1 - warm_steps)
            return 0.5 * (1 + math.cos(math.pi * share))
            """,
            "0 is reached at step total_steps, not one step earlier: no - 1",
        ),
    ),
)

_SUGGEST = """
    smooth = losses.unfold(0, 3, 1).mean(dim=1)
    return {result}
"""

SUGGEST_RATE = Exercise(
    chapter="04",
    signature="suggest_rate(rates, losses)",
    title="read a range test",
    prompt="""
        Write `suggest_rate(rates, losses)`. The losses of single batches jump, so first
        take the mean of each loss and its two neighbours (the first and the last have only
        one, and drop out). Find where this smooth loss is lowest, take the rate of the loss
        in the middle there, and return **a tenth** of it as a Python number: at the lowest
        point the rate is close to the edge.
    """,
    shapes="rates, losses: (n,), float32. Returns a float.",
    cases=lambda: [
        (
            3.0 ** torch.arange(-8, 2),
            torch.tensor([2.8, 3.1, 0.9, 3.6, 2.1, 1.2, 1.5, 3.3, 1.0, 1.3]),
        ),
        (torch.arange(1.0, 9.0), torch.tensor([3.0, 0.1, 3.0, 2.0, 1.0, 1.5, 1.2, 4.0])),
    ],
    model_answer=_SUGGEST.format(result="rates[smooth.argmin() + 1].item() / 10"),
    why="The smooth losses begin at the second rate, so their place 0 belongs to rates[1].",
    hints=(
        "losses.unfold(0, 3, 1) gives all windows of three neighbours.",
        "Place 0 of the smooth losses belongs to which rate?",
        "rates[1:-1][smooth.argmin()] has the right rate; .item() / 10 finishes.",
    ),
    right=(
        """
        smooth = (losses[:-2] + losses[1:-1] + losses[2:]) / 3
        return (rates[1:-1][smooth.argmin()] / 10).item()
        """,
        """
        smooth = F.avg_pool1d(losses[None, None], 3, stride=1)[0, 0]
        return 0.1 * float(rates[1 + int(smooth.argmin())])
        """,
    ),
    slips=(
        Slip(
            "return rates[losses.argmin()].item() / 10",
            "a single lucky batch decides here; take the mean of three neighbours first",
        ),
        Slip(
            _SUGGEST.format(result="rates[smooth.argmin()].item() / 10"),
            "the smooth losses begin at the second rate: + 1",
        ),
        Slip(
            _SUGGEST.format(result="rates[smooth.argmin() + 1].item()"),
            "this is the rate at the lowest point itself; a tenth of it was asked for",
        ),
        Slip(
            _SUGGEST.format(result="rates[smooth.argmin() + 2].item() / 10"),
            "this is the last rate of the three; the one in the middle is at + 1",
        ),
        Slip(
            """
            smooth = losses.unfold(0, 5, 1).mean(dim=1)
            return rates[smooth.argmin() + 2].item() / 10
            """,
            "these are windows of five losses; each loss and its two neighbours are three",
        ),
        Slip(
            """
            smooth = losses.unfold(0, 3, 1).median(dim=1).values
            return rates[smooth.argmin() + 1].item() / 10
            """,
            "this is the median of the three; the mean was asked for",
        ),
        Slip(
            """
            row = losses[None, None]
            smooth = F.avg_pool1d(row, 3, 1, padding=1, count_include_pad=False)[0, 0]
            return rates[smooth.argmin()].item() / 10
            """,
            "the first and the last loss have one neighbour only; they drop out",
        ),
        Slip(
            _SUGGEST.format(result="smooth.min().item() / 10"),
            "min() is the lowest loss; argmin() says where it is",
        ),
    ),
)


def _look_at_penalty(result: Any, model: nn.Module, _: float) -> Any:
    """The penalty, and the gradients that it sends to the parameters."""
    if not isinstance(result, torch.Tensor):
        raise Unfit(f"{type(result).__name__} came back; a tensor with a gradient was asked for")
    if not result.requires_grad:
        raise Unfit("the penalty carries no gradient, so the weights would not feel it")
    if result.dim():
        raise Unfit(f"the penalty has shape {tuple(result.shape)}; one number was asked for")
    found = torch.autograd.grad(result, list(model.parameters()), allow_unused=True)
    signs = {
        name: torch.zeros_like(parameter) if grad is None else grad.sign()
        for (name, parameter), grad in zip(model.named_parameters(), found)
    }
    return {"penalty": result.detach(), "signs of the gradients": signs}


def _penalty_cases() -> list[tuple]:
    """Two models with known weights and a norm, one of them with a model inside."""
    small = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2), nn.Linear(2, 1))
    grid = nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3)
    nested = nn.Sequential(nn.Sequential(*grid), nn.Linear(3, 1))
    return [(filled(small), 0.5), (filled(nested), 0.01)]


L1_PENALTY = ModuleExercise(
    chapter="04",
    signature="l1_penalty(model, strength)",
    title="a price for every weight",
    prompt="""
        Write `l1_penalty(model, strength)`: the sum of the absolute values of all weights,
        times `strength`, as a tensor of no dimension through which gradients flow. Biases
        and the weights of norms (parameters of one dimension) cost nothing.
    """,
    shapes="model: any nn.Module. strength: float. Returns a 0-d tensor.",
    cases=_penalty_cases,
    look=_look_at_penalty,
    then="the penalty was differentiated with respect to each parameter",
    model_answer="""
        weights = [p for p in model.parameters() if p.dim() > 1]
        return strength * sum(p.abs().sum() for p in weights)
    """,
    why="The slope of |w| is its sign: each step takes the same amount off, down to zero.",
    hints=(
        "model.parameters() gives weights and biases; .dim() tells them apart.",
        "weight.abs().sum() is the price of one layer.",
        "strength * sum(p.abs().sum() for p in model.parameters() if …)",
    ),
    right=(
        """
        total = torch.zeros(())
        for parameter in model.parameters():
            if parameter.ndim >= 2:
                total = total + parameter.norm(p=1)
        return strength * total
        """,
        """
        flat = torch.cat([p.flatten() for p in model.parameters() if p.dim() > 1])
        return F.l1_loss(flat, torch.zeros_like(flat), reduction="sum") * strength
        """,
        "strength * sum((p.dim() > 1) * p.abs().sum() for p in model.parameters())",
    ),
    slips=(
        Slip(
            "strength * sum(p.abs().sum() for p in model.parameters())",
            "the biases are in it; only parameters with more than one dimension count",
        ),
        Slip(
            """
            named = model.named_parameters()
            return strength * sum(p.abs().sum() for name, p in named if "weight" in name)
            """,
            "the weights of the norms are in it; they have one dimension, as the biases have",
        ),
        Slip(
            "strength * sum(p.square().sum() for p in model.parameters() if p.dim() > 1)",
            "this is the sum of squares, L2; the absolute value is .abs()",
        ),
        Slip(
            "strength * sum(p.abs().mean() for p in model.parameters() if p.dim() > 1)",
            "a sum was asked for: with mean() a large layer pays no more than a small one",
        ),
        Slip(
            "strength * sum(p.sum() for p in model.parameters() if p.dim() > 1)",
            "without .abs() negative weights would be a gain",
        ),
        Slip(
            "strength * sum(p.abs().sum() for p in model.parameters() if p.dim() == 2)",
            "the kernels of a convolution have 4 dimensions; they cost, too: p.dim() > 1",
        ),
        Slip(
            "sum(p.abs().sum() for p in model.parameters() if p.dim() > 1)",
            "this is the sum alone; it is not yet multiplied by strength",
        ),
        Slip(
            "strength * sum(p.norm() for p in model.parameters() if p.dim() > 1)",
            "norm() is the root of the sum of squares; the absolute value is .abs()",
        ),
        Slip(
            """
            layers = [m for m in model.children() if isinstance(m, nn.Linear | nn.Conv2d)]
            return strength * sum(layer.weight.abs().sum() for layer in layers)
            """,
            "children() are the outer layers only; model.parameters() goes through all",
        ),
    ),
    wrong=(
        Wrong(
            "strength * sum(p.abs().sum().item() for p in model.parameters() if p.dim() > 1)",
            "float came back; a tensor with a gradient was asked for",
        ),
        Wrong(
            "strength * sum(p.detach().abs().sum() for p in model.parameters() if p.dim() > 1)",
            "the penalty carries no gradient",
        ),
    ),
)

BEST_EPOCH = Exercise(
    chapter="04",
    signature="best_epoch(losses, patience)",
    title="when to stop",
    prompt="""
        Write `best_epoch(losses, patience)`. The validation losses come in one after the
        other. Training stops after the first epoch that makes `patience` epochs in a row
        without a new lowest loss (an equal one is not new), or when the losses end. Return
        two whole numbers, counted from 1: the epoch of the lowest loss **until then**, and
        the epoch after which training stopped.
    """,
    shapes="losses: a list of floats. patience: int. Returns a tuple of two ints.",
    cases=lambda: [
        ([0.9, 0.7, 0.8, 0.6, 0.7, 0.7, 0.65, 0.5, 0.9], 2),
        ([0.9, 0.8, 0.7], 2),
        ([0.5, 0.6, 0.55, 0.58, 0.57, 0.3, 0.4, 0.45, 0.2], 2),
        ([0.5, 0.5, 0.5, 0.6, 0.7, 0.1], 2),
        ([0.3, 0.4, 0.2], 1),
    ],
    model_answer="""
        best = 1
        for epoch, loss in enumerate(losses, start=1):
            if loss < losses[best - 1]:
                best = epoch
            elif epoch - best >= patience:
                break
        return best, epoch
    """,
    why="epoch - best is the number of epochs since the lowest loss.",
    hints=(
        "Keep the best epoch so far, and look at one loss after the other.",
        "How many epochs have passed without a new best one? epoch - best.",
        "if loss < losses[best - 1]: best = epoch, elif epoch - best >= patience: stop",
    ),
    right=(
        """
        lowest, best, waited = float("inf"), 0, 0
        for epoch in range(1, len(losses) + 1):
            waited += 1
            if losses[epoch - 1] < lowest:
                lowest, best, waited = losses[epoch - 1], epoch, 0
            if waited == patience:
                return best, epoch
        return best, len(losses)
        """,
        """
        for end in range(1, len(losses) + 1):
            best = losses.index(min(losses[:end])) + 1
            if end - best == patience:
                return best, end
        return best, end
        """,
    ),
    slips=(
        Slip(
            "losses.index(min(losses)) + 1, len(losses)",
            "this looks at all losses; training stops before it has seen the last ones",
        ),
        Slip(
            """
            for end in range(1, len(losses) + 1):
                best = losses.index(min(losses[:end])) + 1
                if end - best == patience:
                    break
            return losses.index(min(losses)) + 1, end
            """,
            "the best epoch is one that came before training stopped",
        ),
        Slip(
            """
            lowest, best, waited = float("inf"), 0, 0
            for epoch, loss in enumerate(losses, start=1):
                if loss < lowest:
                    lowest, best = loss, epoch
                else:
                    waited += 1
                if waited == patience:
                    break
            return best, epoch
            """,
            "after a new lowest loss the counting begins again at 0",
        ),
        Slip(
            """
            for end in range(1, len(losses) + 1):
                best = losses.index(min(losses[:end]))
                if end - 1 - best == patience:
                    break
            return best, end - 1
            """,
            "epochs are counted from 1",
        ),
        Slip(
            """
            for end in range(1, len(losses) + 1):
                best = losses.index(min(losses[:end])) + 1
                if end - best > patience:
                    break
            return best, end
            """,
            "this waits one epoch too long: stop when patience epochs brought nothing",
        ),
        Slip(
            """
            best, waited = 1, 0
            for epoch in range(2, len(losses) + 1):
                worse = losses[epoch - 1] >= losses[epoch - 2]
                waited = waited + 1 if worse else 0
                if not worse and losses[epoch - 1] < losses[best - 1]:
                    best = epoch
                if waited == patience:
                    return best, epoch
            return best, len(losses)
            """,
            "compare with the lowest loss so far, not with the epoch before",
        ),
        Slip(
            """
            best = 1
            for epoch, loss in enumerate(losses, start=1):
                if loss <= losses[best - 1]:
                    best = epoch
                elif epoch - best >= patience:
                    break
            return best, epoch
            """,
            "an equal loss is no new lowest one: <, not <=",
        ),
        Slip(
            """
            best = 1
            for epoch, loss in enumerate(losses, start=1):
                if loss < losses[best - 1]:
                    best = epoch
                elif epoch - best >= patience:
                    break
            return epoch, best
            """,
            "the two are exchanged: first the best epoch, then the last one",
        ),
    ),
)

_CLIP = """
    norm = {norm}
    factor = {factor}
    return [gradient * factor for gradient in gradients]
"""


def _clip(
    factor: str,
    norm: str = "torch.cat([gradient.flatten() for gradient in gradients]).norm()",
) -> str:
    """Clipping by a common factor."""
    return _CLIP.format(norm=norm, factor=factor)


def _look_at_clipped(result: Any, gradients: list, _: float) -> Any:
    """The result, if its tensors are not the input's own."""
    parts = result if isinstance(result, list | tuple) else ()
    if any(shares_memory(one, gradient) for one in parts for gradient in gradients):
        raise Unfit(
            "the input's own tensors came back, and the inputs are to stay as they are. "
            "Make new ones: gradient * factor, or gradient.clone()"
        )
    return result


CLIP_TOGETHER = ModuleExercise(
    chapter="04",
    signature="clip_together(gradients, limit)",
    title="clip without turning",
    prompt="""
        Write `clip_together(gradients, limit)`: the norm of **all** gradients together is
        the root of the sum of all their squares. Where it is larger than `limit`, scale
        every gradient by one common factor so that it becomes `limit`; otherwise nothing
        changes. Return a list of new tensors. (`clip_grad_norm_` does this in place; here
        the inputs stay as they are.)
    """,
    shapes="gradients: a list of tensors. limit: float. Returns a list of tensors.",
    cases=lambda: [
        ([torch.tensor([2.0, -1.0]), torch.tensor([[2.0]])], 1.5),
        ([torch.tensor([0.3, 0.0]), torch.tensor([[0.4]])], 1.0),
        ([_floats(2, 3), _floats(4, seed=1), torch.zeros(2)], 2.0),
    ],
    look=_look_at_clipped,
    model_answer="""
        norm = sum(gradient.square().sum() for gradient in gradients).sqrt()
        factor = (limit / norm).clamp(max=1.0)
        return [gradient * factor for gradient in gradients]
    """,
    why="One factor for all keeps the direction; clamp(max=1) leaves short ones alone.",
    hints=(
        "One norm for all tensors together, not one for each.",
        "The factor is limit / norm, but never more than 1.",
        "(limit / norm).clamp(max=1.0), and a list of gradient * factor",
    ),
    right=(
        _clip("min(1.0, limit / norm.item())"),
        """
        norms = torch.stack([gradient.norm() for gradient in gradients])
        total = norms.norm()
        if total <= limit:
            return [gradient.clone() for gradient in gradients]
        return [gradient / total * limit for gradient in gradients]
        """,
    ),
    slips=(
        Slip(
            """
            return [
                gradient * (limit / gradient.norm().clamp(min=1e-12)).clamp(max=1.0)
                for gradient in gradients
            ]
            """,
            "each gradient has a factor of its own, which turns the direction of the step",
        ),
        Slip(
            _clip("limit / norm"),
            "a gradient shorter than the limit must not be made longer",
        ),
        Slip(
            "return [gradient.clamp(-limit, limit) for gradient in gradients]",
            "this clips each number by itself, as clip_grad_value_ does",
        ),
        Slip(
            _clip("(limit / norm**2).clamp(max=1.0)"),
            "the root is missing: the norm is the root of the sum of squares",
        ),
        Slip(
            _clip("(limit / norm).clamp(max=1.0)", "sum(g.norm() for g in gradients)"),
            "the norms of the gradients are added; add their squares, and take the root",
        ),
        Slip(
            _clip("limit / norm if norm < limit else 1.0"),
            "the condition is the wrong way round: what is longer than the limit is scaled",
        ),
        Slip(
            _clip("(1 / norm).clamp(max=1.0)"),
            "this scales to a norm of 1; the norm is to become limit",
        ),
        Slip(
            _clip(
                "(limit / norm).clamp(max=1.0)",
                "torch.stack([gradient.norm() for gradient in gradients]).max()",
            ),
            "the largest of the norms is used; one norm of all numbers together was asked for",
        ),
    ),
    wrong=(
        Wrong(
            """
            norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
            if norm <= limit:
                return gradients
            return [gradient * limit / norm for gradient in gradients]
            """,
            "the input's own tensors came back",
        ),
        Wrong(
            """
            norm = sum(gradient.square().sum() for gradient in gradients).sqrt()
            for gradient in gradients:
                gradient *= (limit / norm).clamp(max=1.0)
            return [gradient.clone() for gradient in gradients]
            """,
            "changed its input",
        ),
    ),
)

SMOOTH_TARGETS = Exercise(
    chapter="04",
    signature="smooth_targets(labels, classes, smoothing)",
    title="smoothed targets",
    prompt="""
        Write `smooth_targets(labels, classes, smoothing)`: a row of probabilities for each
        label, as PyTorch's `label_smoothing` means it. A share `smoothing` is spread evenly
        over **all** classes, the right one among them; the rest stays at the right one.
        Every row sums to 1.
    """,
    shapes="labels: (n,), int64. Returns (n, classes), float32.",
    cases=lambda: [
        (torch.tensor([2, 0]), 4, 0.2),
        (_integers(5, high=10), 10, 0.1),
    ],
    model_answer="""
        certain = F.one_hot(labels, classes).float()
        return certain * (1 - smoothing) + smoothing / classes
    """,
    why="The certain target and the even one are mixed, 1 - smoothing to smoothing.",
    hints=(
        "Mix two distributions: the certain one, and the one that knows nothing.",
        "F.one_hot(labels, classes).float() is the certain one; the other is 1 / classes.",
        "certain * (1 - smoothing) + smoothing / classes",
    ),
    right=(
        """
        rows = torch.full((len(labels), classes), smoothing / classes)
        rows[torch.arange(len(labels)), labels] += 1 - smoothing
        return rows
        """,
        """
        even = torch.ones(len(labels), classes) / classes
        return torch.lerp(torch.eye(classes)[labels], even, smoothing)
        """,
    ),
    slips=(
        Slip(
            """
            certain = F.one_hot(labels, classes).float()
            others = (1 - certain) * smoothing / (classes - 1)
            return certain * (1 - smoothing) + others
            """,
            "this spreads over the other classes only; PyTorch spreads over all of them",
        ),
        Slip(
            """
            certain = F.one_hot(labels, classes).float()
            return certain * (1 - smoothing) + smoothing
            """,
            "the share is divided among the classes: smoothing / classes",
        ),
        Slip(
            "return F.one_hot(labels, classes).float() + smoothing / classes",
            "the rows sum to more than 1: the right class must give its share away",
        ),
        Slip(
            """
            certain = F.one_hot(labels, classes).float()
            return certain * smoothing + (1 - smoothing) / classes
            """,
            "the shares are the wrong way round: smoothing is the part that is spread",
        ),
        Slip(
            """
            rows = torch.full((len(labels), classes), smoothing / classes)
            rows[torch.arange(len(labels)), labels] = 1 - smoothing
            return rows
            """,
            "the right class gets its share of what is spread, too: + smoothing / classes",
        ),
        Slip(
            """
            rows = torch.full((len(labels), classes), smoothing / (classes - 1))
            rows[torch.arange(len(labels)), labels] = 1 - smoothing / classes
            return rows
            """,
            "the rows sum to more than 1: all others get smoothing / classes",
        ),
        Slip(
            """
            certain = F.one_hot(labels, 10).float()
            return certain * (1 - smoothing) + smoothing / 10
            """,
            "ten classes are written into it; their number is in classes",
        ),
    ),
)

_MIX = """
    part = {part}
    mixed = part * inputs + (1 - part) * inputs[partners]
    whole = {whole}
    return mixed, whole * targets + (1 - whole) * targets{partners}
"""


def _mix(
    part: str = "share[:, None, None]",
    whole: str = "share[:, None]",
    partners: str = "[partners]",
) -> str:
    """Mixup with some of its parts replaced."""
    return _MIX.format(part=part, whole=whole, partners=partners)


MIXUP = Exercise(
    chapter="04",
    signature="mixup(inputs, targets, partners, share)",
    title="mix each digit with a partner",
    prompt="""
        Write `mixup(inputs, targets, partners, share)`. Image `i` is mixed with image
        `partners[i]`: `share[i]` of its own pixels, and `1 - share[i]` of the partner's.
        The targets, rows of probabilities, are mixed with the same shares. Each image has
        its own share. Return the mixed images and the mixed targets, without a loop.
    """,
    shapes="inputs: (n, 8, 8). targets: (n, classes). partners: (n,). share: (n,).",
    cases=lambda: [
        (
            _floats(3, 8, 8),
            torch.eye(4)[[2, 0, 1]],
            torch.tensor([1, 2, 0]),
            torch.tensor([0.9, 0.5, 0.25]),
        ),
        (
            _floats(8, 8, 8, seed=1),
            torch.eye(8),
            torch.arange(8).flip(0),
            torch.linspace(0.1, 1.0, 8),
        ),
    ],
    large=lambda: (_floats(40, 8, 8), torch.eye(40), torch.arange(40), torch.rand(40)),
    model_answer=_mix(),
    why="The share needs one dimension for each that it is to be stretched along.",
    hints=(
        "inputs[partners] are the partners, in the right order.",
        "share has shape (n,); to meet (n, 8, 8) it needs two dimensions more, at its end.",
        "share[:, None, None] for the images, share[:, None] for the targets",
    ),
    right=(
        """
        mixed = torch.lerp(inputs[partners], inputs, share.reshape(-1, 1, 1))
        return mixed, torch.lerp(targets[partners], targets, share.unsqueeze(1))
        """,
        """
        def mix(tensor):
            part = share.reshape([-1] + [1] * (tensor.dim() - 1))
            return tensor[partners] + part * (tensor - tensor[partners])
        return mix(inputs), mix(targets)
        """,
    ),
    slips=(
        Slip(
            _mix(part="share.mean()", whole="share.mean()"),
            "each image has a share of its own; here all have the same",
        ),
        Slip(
            _mix(part="share[0]", whole="share[0]"),
            "each image has a share of its own; here all have that of the first",
        ),
        Slip(_mix(partners=""), "the targets are not mixed: the partner's target is missing"),
        Slip(
            _mix(part="1 - share[:, None, None]", whole="1 - share[:, None]"),
            "share is the part of the image itself, 1 - share that of its partner",
        ),
        Slip(
            _mix(part="share[:, None, None]", whole="(1 - share)[:, None]"),
            "images and targets are mixed with opposite shares",
        ),
        Slip(
            _mix(part="share"),
            "a share of shape (n,) meets the last dimension; it belongs to the first: "
            "share[:, None, None]",
        ),
    ),
    wrong=(
        Wrong(
            """
            images, rows = torch.zeros_like(inputs), torch.zeros_like(targets)
            for i, (other, part) in enumerate(zip(partners, share)):
                images[i] = part * inputs[i] + (1 - part) * inputs[other]
                rows[i] = part * targets[i] + (1 - part) * targets[other]
            return images, rows
            """,
            "in a loop",
        ),
    ),
)


def _batches(sizes: list[int], seed: int) -> list[tuple]:
    """Batches of samples with 4 numbers and 3 classes, of these sizes."""
    places = enumerate(sizes)
    return [
        (_floats(size, 4, seed=seed + i), _integers(size, high=3, seed=seed + i))
        for i, size in places
    ]


def _accumulated_model() -> nn.Module:
    """A small classifier, 4 numbers to 3 classes."""
    return filled(nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)))


def _accumulate_case(sizes: list[int], seed: int) -> tuple:
    """A model with gradients of an earlier step, and batches."""
    model = _watched(_accumulated_model())
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 0.5)
    return model, _batches(sizes, seed)


def _look_at_gradients(_: Any, model: nn.Module, batches: list) -> Any:
    """The gradients that were left, if no more than a batch was in memory at a time."""
    most = max(len(targets) for _, targets in batches)
    largest = max((call["samples"] for call in model.calls), default=0)
    if largest > most:
        raise Unfit(
            f"the model was given {largest} samples at once; the largest batch has {most}. "
            "Send them through one by one, as if no more fitted into memory"
        )
    if any(call["open"] > 0 for call in model.calls):
        raise Unfit(
            "a batch went through before backward() was called for the one before: the "
            "graphs of both are in memory. Call backward() for each batch, inside the loop"
        )
    if any(parameter.grad is None for parameter in model.parameters()):
        raise Unfit("a parameter has no gradient: call backward() for every batch")
    start = _accumulated_model().parameters()
    if not all(torch.equal(now, old) for now, old in zip(model.parameters(), start)):
        raise Unfit(
            "the parameters have moved; only their gradients were asked for. The step comes "
            "later, outside of accumulate"
        )
    return [parameter.grad.clone() for parameter in model.parameters()]


_ACCUMULATE = """
    {zero}
    samples = sum(len(targets) for _, targets in batches)
    for inputs, targets in batches:
        {before}
        loss = F.cross_entropy(model(inputs), targets)
        ({loss}).backward()
"""


def _accumulating(
    zero: str = "model.zero_grad()",
    loss: str = "loss * len(targets) / samples",
    before: str = "pass",
) -> str:
    """Accumulation with some of its parts replaced."""
    return _ACCUMULATE.format(zero=zero, before=before, loss=loss)


ACCUMULATE = ModuleExercise(
    chapter="04",
    signature="accumulate(model, batches)",
    title="many small batches, one gradient",
    prompt="""
        Write `accumulate(model, batches)`. The batches are of different sizes. Leave in the
        `.grad` of each parameter what **one** batch of all their samples would leave there,
        with `F.cross_entropy`, but send the batches through the model one by one. The
        gradients of an earlier step, which are still there, must not count. The parameters
        stay as they are: the step comes later. What is returned does not matter.
    """,
    shapes="batches: a list of pairs, (n, 4) and (n,). Changes the gradients.",
    cases=lambda: [_accumulate_case([4, 4, 1], 0), _accumulate_case([3, 3], 5)],
    look=_look_at_gradients,
    then="the gradients were compared with those of one large batch",
    model_answer=_accumulating(),
    why="A mean over a batch, times its share of all samples, is its part of the whole mean.",
    hints=(
        "backward() adds to .grad: call it once for each batch, and empty .grad once before.",
        "The mean loss of a batch counts for len(targets) of all samples.",
        "(loss * len(targets) / samples).backward()",
    ),
    right=(
        """
        for parameter in model.parameters():
            parameter.grad = None
        samples = sum(len(targets) for _, targets in batches)
        for inputs, targets in batches:
            total = F.cross_entropy(model(inputs), targets, reduction="sum")
            (total / samples).backward()
        """,
        """
        model.zero_grad()
        for inputs, targets in batches:
            F.cross_entropy(model(inputs), targets, reduction="sum").backward()
        for parameter in model.parameters():
            parameter.grad /= sum(len(targets) for _, targets in batches)
        """,
    ),
    slips=(
        Slip(
            _accumulating(loss="loss"),
            "the gradients of the batches are added; each must be weighted before",
        ),
        Slip(
            _accumulating(loss="loss / len(batches)"),
            "dividing by the number of batches is right only when all are of one size",
        ),
        Slip(
            _accumulating(zero="pass"),
            "the gradients of the step before are still in there: model.zero_grad()",
        ),
        Slip(
            _accumulating(before="model.zero_grad()"),
            "zero_grad for each batch keeps the last batch only; empty once, before the loop",
        ),
        Slip(
            _accumulating(loss="loss * len(targets)"),
            "these are sums over samples; divide by the number of all samples",
        ),
    ),
    wrong=(
        Wrong(
            _accumulating() + "    torch.optim.SGD(model.parameters(), lr=0.1).step()\n",
            "the parameters have moved",
        ),
        Wrong("model.zero_grad()", "a parameter has no gradient"),
        Wrong(
            """
            model.zero_grad()
            inputs, targets = (torch.cat(parts) for parts in zip(*batches))
            F.cross_entropy(model(inputs), targets).backward()
            """,
            "samples at once",
        ),
        Wrong(
            """
            model.zero_grad()
            pairs = [(model(inputs), targets) for inputs, targets in batches]
            losses = [F.cross_entropy(*pair, reduction="sum") for pair in pairs]
            (sum(losses) / sum(len(targets) for _, targets in batches)).backward()
            """,
            "the graphs of both are in memory",
        ),
    ),
)

_PER_CLASS = """
    hits = table.diagonal()
    precision = hits / table.sum({columns}){clamp}
    recall = hits / table.sum({rows}){clamp}
    return {result}
"""


def _rates(
    columns: str = "dim=0",
    rows: str = "dim=1",
    clamp: str = ".clamp(min=1)",
    result: str = "precision, recall",
) -> str:
    """Precision and recall with some of their parts replaced."""
    return _PER_CLASS.format(columns=columns, rows=rows, clamp=clamp, result=result)


PER_CLASS = Exercise(
    chapter="04",
    signature="per_class(table)",
    title="precision and recall of each class",
    prompt="""
        `table` is a confusion matrix: a row for each true class, a column for each predicted
        one, counts in it. Write `per_class(table)`: two tensors, precision and recall, with
        a number for each class. **Precision**: of all samples that were called this class,
        the share that is of it. **Recall**: of all samples of this class, the share that was
        called so. Where there is nothing to divide by, the answer is 0.
    """,
    shapes="table: (classes, classes), int64. Returns two tensors (classes,), float32.",
    cases=lambda: [
        (torch.tensor([[8, 2, 0], [1, 9, 0], [4, 1, 5]]),),
        (torch.tensor([[3, 0, 0], [2, 0, 1], [0, 0, 0]]),),
    ],
    model_answer=_rates(),
    why="Columns are what was said, rows what is true; clamp(min=1) turns 0 / 0 into 0 / 1.",
    hints=(
        "The hits are on the diagonal: table.diagonal().",
        "How many were called class 0? That is a sum over one column; over which dim?",
        "Divide by the sums with .clamp(min=1): where a sum is 0, the hits are 0 as well.",
    ),
    right=(
        """
        hits = torch.diag(table).float()
        precision = torch.nan_to_num(hits / table.sum(0), nan=0.0)
        return precision, torch.nan_to_num(hits / table.sum(1), nan=0.0)
        """,
        """
        classes = range(len(table))
        called, there = table.sum(dim=0).tolist(), table.sum(dim=1).tolist()
        hits = [table[i, i].item() for i in classes]
        precision = [hits[i] / called[i] if called[i] else 0.0 for i in classes]
        recall = [hits[i] / there[i] if there[i] else 0.0 for i in classes]
        return torch.tensor(precision), torch.tensor(recall)
        """,
    ),
    slips=(
        Slip(
            _rates(result="recall, precision"),
            "precision and recall are exchanged: sum(dim=0) adds up a column, what was said",
        ),
        Slip(_rates(clamp=""), "where a class never occurs this is 0 / 0, nan; 0 was asked for"),
        Slip(
            _rates(columns="", rows=""),
            "this divides by all samples; divide by those of one column or one row",
        ),
        Slip(
            "return table.sum(dim=0) / table.sum(), table.sum(dim=1) / table.sum()",
            "these are shares of all samples; precision and recall are about the diagonal",
        ),
        Slip(
            "return tuple("
            "torch.nan_to_num(table.diagonal() / table.sum(dim), nan=1.0) for dim in (0, 1))",
            "where there is nothing to divide by this gives 1; 0 was asked for",
        ),
        Slip(
            """
            missed, called = table.sum(1) - table.diagonal(), table.sum(0) - table.diagonal()
            return called / table.sum(0).clamp(min=1), missed / table.sum(1).clamp(min=1)
            """,
            "these are the shares of the misses; the hits are on the diagonal",
        ),
    ),
)


def _validate_case(size: int, training: bool) -> tuple:
    """A model with batch norm and dropout, ten samples, a batch size."""
    layers = nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3)
    model = _watched(filled(nn.Sequential(*layers)))
    model.train(training)
    model[1].eval()  # a part that its owner has frozen
    return model, _floats(10, 4, seed=7), _integers(10, high=3, seed=8), size


def _look_at_validation(
    result: Any, model: nn.Module, _: torch.Tensor, targets: torch.Tensor, size: int
) -> Any:
    """The numbers, and what is left of the model's modes and gradients."""
    if isinstance(result, dict) and any(isinstance(v, torch.Tensor) for v in result.values()):
        raise Unfit("the dictionary holds tensors; Python numbers were asked for: .item()")
    if any(parameter.grad is not None for parameter in model.parameters()):
        raise Unfit("the parameters have gradients now; validating must not train")
    if any(call["graph"] for call in model.calls):
        raise Unfit("the model recorded a graph; measure inside `with torch.no_grad():`")
    if any(call["learning"] for call in model.calls):
        raise Unfit("the model was measured in training mode: call model.eval() before")
    if isinstance(result, dict) and set(result) != {"loss", "accuracy"}:
        raise Unfit(
            f"the keys are {sorted(map(str, result))}; 'loss' and 'accuracy' were asked for"
        )
    counts = [call["samples"] for call in model.calls]
    if not set(counts) <= {size, len(targets) % size or size}:
        raise Unfit(f"the model was given {counts} samples; batches of {size} were asked for")
    learning = [name or "model" for name, module in model.named_modules() if module.training]
    return {"numbers": result, "in training mode": learning}


_VALIDATE = """
    {first}
    total, hits = 0.0, 0
    with torch.no_grad():
        for part in torch.arange(len(targets)).split(size):
            scores = model(inputs[part])
            total += {loss}
            hits += (scores.argmax(dim=1) == targets[part]).sum().item()
    {last}
    return {{"loss": total / {samples}, "accuracy": hits / len(targets)}}
"""
_KEEP = """
    before = [(module, module.training) for module in model.modules()]
    model.eval()
"""
_PUT_BACK = """
    for module, training in before:
        module.training = training
"""
_WEIGHTED = "F.cross_entropy(scores, targets[part]).item() * len(part)"


def _validating(
    first: str = _KEEP, last: str = _PUT_BACK, loss: str = _WEIGHTED, samples: str = "len(targets)"
) -> str:
    """Validation with some of its parts replaced."""
    first, last = first.strip(), last.strip()
    return _VALIDATE.format(first=first, last=last, loss=loss, samples=samples)


VALIDATE = ModuleExercise(
    chapter="04",
    signature="validate(model, inputs, targets, size)",
    title="measure without a trace",
    prompt="""
        Write `validate(model, inputs, targets, size)`: `{"loss": …, "accuracy": …}`, two
        Python numbers, the means **over all samples**. The samples go through the model in
        evaluation mode and without gradients, in batches of `size`, of which the last may
        be smaller; the loss is `F.cross_entropy`. Afterwards each module is in the mode it
        came in: someone may have frozen a part of the model with `eval()`, so keep what
        `training` was for each of `model.modules()`.
    """,
    shapes="inputs: (n, 4). targets: (n,). size: int. Returns a dict of floats.",
    cases=lambda: [_validate_case(4, True), _validate_case(3, False), _validate_case(10, True)],
    look=_look_at_validation,
    then="the mode of each module was compared with the one before",
    model_answer=_validating(),
    why="Modes are kept for each module; sums are divided by all samples at the end.",
    hints=(
        "Note the modes first: [(module, module.training) for module in model.modules()].",
        "Add up sums, not means: the loss times len(part), and the number of hits.",
        "At the end: for module, training in before: module.training = training",
    ),
    right=(
        """
        before = {name: module.training for name, module in model.named_modules()}
        model.eval()
        with torch.inference_mode():
            parts = zip(inputs.split(size), targets.split(size))
            found = [(model(some), true) for some, true in parts]
            losses = [F.cross_entropy(s, t, reduction="sum").item() for s, t in found]
            hits = [(s.argmax(1) == t).sum().item() for s, t in found]
        for name, module in model.named_modules():
            module.training = before[name]
        return {"loss": sum(losses) / len(inputs), "accuracy": sum(hits) / len(inputs)}
        """,
        """
        before = [module.training for module in model.modules()]
        model.train(False)
        with torch.no_grad():
            scores = torch.cat([model(part) for part in inputs.split(size)])
            loss = F.cross_entropy(scores, targets).item()
            accuracy = (scores.argmax(dim=1) == targets).float().mean().item()
        for module, training in zip(model.modules(), before):
            module.training = training
        return {"loss": loss, "accuracy": accuracy}
        """,
        """
        import copy
        measured = copy.deepcopy(model).eval()
        with torch.no_grad():
            scores = torch.cat([measured(part) for part in inputs.split(size)])
        hits = (scores.argmax(dim=1) == targets).sum().item()
        loss = F.cross_entropy(scores, targets, reduction="sum").item()
        return {"loss": loss / len(targets), "accuracy": hits / len(targets)}
        """,
    ),
    slips=(
        Slip(
            _validating(first="was = model.training\n    model.eval()", last="model.train(was)"),
            "model.train(…) sets all modules alike; a part that was frozen is thawed now",
        ),
        Slip(_validating(last="pass"), "the model is left in evaluation mode"),
        Slip(
            _validating(
                loss="F.cross_entropy(scores, targets[part]).item()",
                samples="-(-len(targets) // size)",
            ),
            "the mean of the batches' means: the small last batch counts too much",
        ),
        Slip(
            _validating().replace("hits / len(targets)", "hits"),
            "hits is a count; the accuracy is its share of all samples",
        ),
        Slip(
            _validating().replace("hits / len(targets)", "100 * hits / len(targets)"),
            "this is in percent; the accuracy is a share, from 0 to 1",
        ),
        Slip(
            _validating()
            .replace(".sum().item()", ".float().mean().item()")
            .replace("hits / len(targets)", "hits / -(-len(targets) // size)"),
            "the mean of the batches' accuracies: the small last batch counts too much",
        ),
        Slip(
            _validating().replace(
                ".split(size):", ".split(size):\n            if len(part) < size: continue"
            ),
            "the small last batch is left out; it counts, too",
        ),
    ),
    wrong=(
        Wrong(_validating(first="before = []"), "measured in training mode"),
        Wrong(_validating().replace('"accuracy"', '"acc"'), "'loss' and 'accuracy'"),
        Wrong(
            _validating(loss="F.cross_entropy(scores, targets[part]) * len(part)"),
            "the dictionary holds tensors",
        ),
        Wrong(
            _validating().replace("with torch.no_grad():", "if True:"),
            "the model recorded a graph",
        ),
        Wrong(_validating().replace("split(size)", "split(100)"), "samples; batches of 4"),
        Wrong(
            _validating()
            .replace("with torch.no_grad():", "if True:")
            .replace(
                "hits +=",
                "F.cross_entropy(scores, targets[part]).backward()\n            hits +=",
            ),
            "validating must not train",
        ),
    ),
)

_MOVED = """
    padded = F.pad(images, (2, 2, 2, 2))
    steps = torch.arange(images.shape[1])
    down = steps + 2 {sign} rows[:, None]
    across = steps + 2 {sign} columns[:, None]
    which = torch.arange(len(images))[:, None, None]
    return padded[which, {places}]
"""

MOVED = Exercise(
    chapter="04",
    signature="moved(images, rows, columns)",
    title="move each digit by its own amount",
    prompt="""
        Write `moved(images, rows, columns)`: image `i` is moved down by `rows[i]` pixels and
        to the right by `columns[i]` (up and to the left when negative, by two at most). What
        leaves the image is lost, zeros come in. Without a loop over the images: it is to
        move a whole batch in each training step.
    """,
    shapes="images: (n, 8, 8). rows, columns: (n,), int64, -2 to 2. Returns (n, 8, 8).",
    cases=lambda: [
        (_floats(2, 8, 8), torch.tensor([1, 0]), torch.tensor([2, -2])),
        (
            _floats(5, 8, 8, seed=1),
            _integers(5, low=-2, high=3, seed=2),
            _integers(5, low=-2, high=3, seed=3),
        ),
    ],
    large=lambda: (_floats(40, 8, 8), _integers(40, high=2), _integers(40, high=2, seed=1)),
    model_answer=_MOVED.format(sign="-", places="down[:, :, None], across[:, None, :]"),
    why="Pixel r of the result comes from row r - rows[i]; padding makes such rows exist.",
    hints=(
        "Turn it round: from which row of the old image does row r of the new one come?",
        "F.pad(images, (2, 2, 2, 2)) puts zeros around; row r is then found at r + 2.",
        "padded[which, down[:, :, None], across[:, None, :]], three indices that broadcast",
    ),
    right=(
        """
        padded = F.pad(images, (2, 2, 2, 2))
        windows = padded.unfold(1, 8, 1).unfold(2, 8, 1)
        return windows[torch.arange(len(images)), 2 - rows, 2 - columns]
        """,
        """
        padded = F.pad(images, (2, 2, 2, 2))
        steps = torch.arange(8)
        down = (steps + 2 - rows[:, None])[:, :, None].expand(-1, -1, 12)
        across = (steps + 2 - columns[:, None])[:, None, :].expand(-1, 8, -1)
        return padded.gather(1, down).gather(2, across)
        """,
    ),
    slips=(
        Slip(
            _MOVED.format(sign="+", places="down[:, :, None], across[:, None, :]"),
            "the digits move the other way: row r comes from row r - rows",
        ),
        Slip(
            _MOVED.format(sign="-", places="across[:, :, None], down[:, None, :]"),
            "rows and columns are exchanged: the first index after the image is the row",
        ),
        Slip(
            """
            steps = torch.arange(8)
            down, across = (steps - rows[:, None]) % 8, (steps - columns[:, None]) % 8
            which = torch.arange(len(images))[:, None, None]
            return images[which, down[:, :, None], across[:, None, :]]
            """,
            "what leaves on one side comes in on the other, as with roll; zeros are to come in",
        ),
        Slip(
            """
            steps = torch.arange(8)
            down = (steps - rows[:, None]).clamp(0, 7)
            across = (steps - columns[:, None]).clamp(0, 7)
            which = torch.arange(len(images))[:, None, None]
            return images[which, down[:, :, None], across[:, None, :]]
            """,
            "the edge is repeated; zeros are to come in: pad first",
        ),
        Slip(
            """
            padded = F.pad(images, (1, 1, 1, 1))
            steps = torch.arange(8)
            down, across = steps + 1 - rows[:, None], steps + 1 - columns[:, None]
            which = torch.arange(len(images))[:, None, None]
            return padded[which, down[:, :, None], across[:, None, :]]
            """,
            "one row of zeros is not enough: a digit may move by two, so pad by 2",
        ),
        Slip(
            """
            padded = F.pad(images, (2, 2, 2, 2))
            steps = torch.arange(8)
            down, across = steps + 2 - rows[:, None], (steps + 2).expand(len(images), 8)
            which = torch.arange(len(images))[:, None, None]
            return padded[which, down[:, :, None], across[:, None, :]]
            """,
            "only the rows move; the columns are to move, too",
        ),
        Slip(
            """
            padded = F.pad(images, (2, 2, 2, 2))
            down, across = 2 - rows[0], 2 - columns[0]
            return padded[:, down : down + 8, across : across + 8]
            """,
            "all images move as the first one does; each has an amount of its own",
        ),
        Slip(
            """
            padded = F.pad(images, (2, 2, 2, 2))
            steps = torch.arange(8)
            down, across = steps + 2 - rows[:, None], steps + 2 - columns[:, None]
            return padded[:, down[:, :, None], across[:, None, :]]
            """,
            "`:` takes all images for each pair; the first index is torch.arange(n), "
            "of shape (n, 1, 1)",
        ),
    ),
    wrong=(
        Wrong(
            """
            padded = F.pad(images, (2, 2, 2, 2))
            return torch.stack([
                padded[i, 2 - r : 10 - r, 2 - c : 10 - c]
                for i, (r, c) in enumerate(zip(rows.tolist(), columns.tolist()))
            ])
            """,
            "in a loop",
        ),
    ),
)

EXERCISES = (
    TRAIN_EPOCH,
    ADAM_STEP,
    DECAY_GROUPS,
    RATE_FACTOR,
    SUGGEST_RATE,
    L1_PENALTY,
    BEST_EPOCH,
    CLIP_TOGETHER,
    SMOOTH_TARGETS,
    MIXUP,
    ACCUMULATE,
    PER_CLASS,
    VALIDATE,
    MOVED,
)


def _prediction(name: str, question: str, *choices: Choice) -> Prediction:
    """A prediction of this chapter."""
    return Prediction(chapter="04", name=name, question=question, choices=choices)


PREDICTIONS = (
    _prediction(
        "order_of_lines",
        "Someone writes loss.backward(), optimizer.zero_grad(), optimizer.step(), in this "
        "order. What do 50 steps of this do?",
        Choice("the model learns as usual", "step() needs the gradients, and they are gone."),
        Choice("nothing: no parameter moves", "zero_grad() throws them away first.", right=True),
        Choice("an error is raised", "step() passes over parameters without a gradient."),
    ),
    _prediction(
        "three_loops",
        "All three loops go 3 times through the same 1,200 digits, with the same rate. Which "
        "one has the lowest loss then?",
        Choice("the full batch: its direction is exact", "It has made three steps in all."),
        Choice("one sample: it has made 3,600 steps", "Rough steps, but many.", right=True),
        Choice("all alike: they saw the same digits", "Count the steps, not the digits."),
    ),
    _prediction(
        "kept_graph",
        "total = total + loss is written in each of 10 training steps; backward() was called "
        "in each. How many graph nodes hang on total, against one step?",
        Choice("as many: backward() has freed the graph", "It frees saved tensors, not nodes."),
        Choice("none", "total requires a gradient, so it has a graph."),
        Choice("several times as many", "Every step's graph is kept.", right=True),
    ),
    _prediction(
        "too_large_rate",
        "In the steep direction the curvature is 20: the gradient is 20 · y. SGD with rate "
        "0.11 starts at y = 1. What does y do?",
        Choice("it falls to 0, more quickly than with 0.04", "It jumps over 0 each time."),
        Choice("it jumps from side to side and grows", "times 1 - 2.2 each step.", right=True),
        Choice("it jumps from side to side and shrinks", "For that the rate must be below 0.1."),
    ),
    _prediction(
        "optimizer_memory",
        "How many numbers does Adam keep for each parameter, beside the gradient?",
        Choice("none", "That is plain SGD."),
        Choice("one", "That is momentum, or RMSprop."),
        Choice("two", "The mean of the gradients and that of their squares.", right=True),
    ),
    _prediction(
        "group_default",
        "SGD([{'params': a, 'lr': 0.5}, {'params': b}], lr=0.1): which rate does b get?",
        Choice("0.5, as the group before", "Groups do not look at each other."),
        Choice("0.1", "What a group does not say comes from the defaults.", right=True),
        Choice("an error: b has no rate", "It would be one without the default lr=0.1."),
    ),
    _prediction(
        "decay_without_gradient",
        "A weight of 1 gets a gradient of 0. One step, lr=0.1, weight_decay=0.1. Where is it "
        "after SGD, AdamW, Adam?",
        Choice("0.99, 0.99 and 0.99", "Adam divides this pull of 0.1 by 0.1: a step of lr."),
        Choice("1, 1 and 1", "The decay pulls without a gradient, too."),
        Choice("0.99, 0.99 and 0.9", "Adam makes a full step of it.", right=True),
    ),
    _prediction(
        "plateau",
        "ReduceLROnPlateau with factor=0.5, patience=2 sees the losses 1.0, 0.9, 0.9, 0.9, "
        "0.9. After which of them does it halve the rate?",
        Choice("the third", "Patience 2 bears two epochs without progress."),
        Choice("the fourth", "Two epochs without progress are still borne."),
        Choice("the fifth", "The third epoch without progress is one too many.", right=True),
    ),
    _prediction(
        "overfitted",
        "200 digits, every fourth with a wrong label, 80 epochs. What does the validation loss "
        "do, measured on 300 other digits with right labels?",
        Choice("it falls all the time, as the training loss does", "Not with what it learns."),
        Choice("it falls, then rises", "First it learns digits, then the labels.", right=True),
        Choice("it rises from the beginning", "The first epochs do teach it to read."),
    ),
    _prediction(
        "more_data",
        "1,200 digits, every fourth label wrong, 20 epochs: 480 steps. The run with 200 digits "
        "had 320. Compare its training loss at the end with that of 200 digits:",
        Choice("lower: it has made more steps", "But not six times as many, for 300 labels."),
        Choice("higher", "300 wrong labels take longer to learn by heart than 50.", right=True),
        Choice("equal", "In the end, yes: after 80 epochs it knows these by heart, too."),
    ),
    _prediction(
        "kept_reference",
        "best = model.state_dict(), then a training step, then model.load_state_dict(best). "
        "Which weights has the model?",
        Choice("those before the step", "best holds the same tensors, not copies."),
        Choice("those after the step", "The step has changed the tensors in best.", right=True),
        Choice("new random ones", "Nothing was drawn."),
    ),
    _prediction(
        "clip_direction",
        "A gradient (3, 4) is clipped, by clip_grad_norm_ with 1, and by clip_grad_value_ with "
        "1. What comes out?",
        Choice("(0.6, 0.8) and (1, 1)", "The second points elsewhere.", right=True),
        Choice("(1, 1) and (0.6, 0.8)", "It is the other way round."),
        Choice("(0.6, 0.8) both times", "clip_grad_value_ looks at each number alone."),
    ),
    _prediction(
        "certain_and_smooth",
        "The scores are 100 for the right class and 0 for nine others. label_smoothing=0.1. "
        "What is the loss?",
        Choice("0: the answer is right and certain", "It is 0 without smoothing."),
        Choice("0.1", "The score of 100 weighs more."),
        Choice("9", "0.01 times 100, for each of nine classes.", right=True),
    ),
    _prediction(
        "accumulate_sum",
        "Four batches of 16, each with the mean loss and backward(), no zero_grad between. The "
        "gradient against that of one batch of 64:",
        Choice("equal", "It would be, had each loss been divided by 4."),
        Choice("4 times as large", "Four means are added.", right=True),
        Choice("a quarter of it", "Adding makes it larger."),
    ),
    _prediction(
        "lazy_accuracy",
        "Is it a 7? A model answers no, whatever it is shown. Its accuracy on the 1,797 digits:",
        Choice("about 10 %", "It is right whenever there is no 7."),
        Choice("about 50 %", "Two answers are possible, but not equally frequent."),
        Choice("about 90 %", "Nine digits of ten are no 7.", right=True),
    ),
    _prediction(
        "extra_draw",
        "Same seed, but after it somebody inserts a line that draws one random number. Is the "
        "training run the same?",
        Choice("yes: the seed is the same", "The seed sets where the sequence begins."),
        Choice("no: all draws after it are others", "Each draw takes the next.", right=True),
        Choice("only its first step differs", "The start weights are drawn, too."),
    ),
    _prediction(
        "bottleneck",
        "One step with 512 digits: prepare takes the mean off each image, then forward and "
        "backward through 64-64-10, then SGD. What takes longest?",
        Choice("preparing", "512 times a few small operations.", right=True),
        Choice("forward", "Two products of matrices for the whole batch."),
        Choice("backward", "About twice the work of forward, in few operations."),
    ),
    _prediction(
        "same_numbers",
        "Our fit and train.fit train the same model from the same seeds. How far do the "
        "weights agree at the end?",
        Choice("to about three digits", "The same operations in the same order are exact."),
        Choice("to the last bit", "They do the same; nothing is left to chance.", right=True),
        Choice("not at all: they draw other batches", "The loader has a seed of its own."),
    ),
    _prediction(
        "silent_layer",
        "The last layer is replaced after the optimiser was made. 20 steps later, what has the "
        "new layer learned?",
        Choice("nothing: it is as it was made", "The optimiser has the old one.", right=True),
        Choice("as much as the others", "The optimiser got its list before."),
        Choice("an error is raised at step()", "It steps what it has, without complaint."),
    ),
)
