import math

import torch
from torch.nn import functional as F

from exercises._samples import floats
from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "attention(query, key, value, allowed)",
    title="attention with a mask",
    prompt="""
        Write `attention(query, key, value, allowed)`. The similarity of a query and a key
        is their dot product, divided by the square root of the number of features. Where
        `allowed` is False the similarity becomes minus infinity. A softmax over the keys
        makes weights, and the result is the weighted sum of the values.
        `F.scaled_dot_product_attention` is accepted too, but by hand you learn more.
    """,
    shapes="query: (q, features). key: (k, features). value: (k, any). allowed: (q, k).",
    cases=[
        lambda: (floats(2, 4), floats(3, 4, seed=1), floats(3, 4, seed=2), torch.ones(2, 3) > 0),
        lambda: (
            floats(3, 2, seed=3).requires_grad_(),
            floats(3, 2, seed=4),
            floats(3, 5, seed=5),
            torch.ones(3, 3).tril().bool(),
        ),
        lambda: (
            floats(1, 4, seed=6),
            floats(3, 4, seed=7),
            floats(3, 2, seed=8),
            torch.ones(1, 3) > 0,
        ),
        lambda: (
            floats(2, 1, seed=6),
            floats(1, 1, seed=7),
            floats(1, 1, seed=8),
            torch.ones(2, 1) > 0,
        ),
    ],
    hints=(
        "query @ key.T gives one number for each pair of query and key.",
        "masked_fill(~allowed, -torch.inf) comes before the softmax.",
        "similarity.softmax(dim=-1) @ value",
    ),
)


@exercise.answer(
    why="Minus infinity becomes weight 0, and the other weights of the row still sum to 1."
)
def attention(query, key, value, allowed):
    similarity = query @ key.T / query.shape[-1] ** 0.5
    similarity = similarity.masked_fill(~allowed, -torch.inf)
    return similarity.softmax(dim=-1) @ value


@exercise.right
def _(query, key, value, allowed):
    return F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)


@exercise.right
def _(query, key, value, allowed):
    scores = torch.einsum("qf,kf->qk", query, key) / math.sqrt(key.shape[1])
    powers = torch.where(allowed, (scores - scores.amax(1, True)).exp(), 0.0)
    return powers / powers.sum(dim=1, keepdim=True) @ value


exercise.mistake(
    "the division by the square root of the number of features is missing",
    edit(" / query.shape[-1] ** 0.5", ""),
)
exercise.mistake(
    "divide by the square root of the number of features, not by the number",
    edit("[-1] ** 0.5", "[-1]"),
)
exercise.mistake("the softmax runs over the keys, the last dimension", edit("dim=-1", "dim=0"))
exercise.mistake(
    "masked after the softmax, the weights of a row no longer sum to 1",
    edit("similarity = similarity.masked_fill(~allowed, -torch.inf)", "").edit(
        "@ value", "* allowed @ value"
    ),
)
exercise.mistake(
    "the mask is not used",
    edit("similarity = similarity.masked_fill(~allowed, -torch.inf)", ""),
)
exercise.mistake(
    "the mask is inverted: fill where allowed is False, that is ~allowed",
    edit("~allowed", "allowed"),
)
exercise.mistake(
    "a similarity of 0 still gets weight, since exp(0) is 1; fill in -torch.inf",
    edit("similarity.masked_fill(~allowed, -torch.inf)", "similarity * allowed"),
)

exercise.rejected(
    "carries no gradient",
    edit("similarity.softmax(dim=-1) @ value", "(similarity.softmax(dim=-1) @ value).detach()"),
)
