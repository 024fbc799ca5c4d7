"""Exercise build_vocabulary: a vocabulary without rare words."""

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

_SENTENCES = [
    ["d b d d a", "b c a c", "b c e"],
    ["the sun is a star", "a sun is the sun", "wine"],
    ["Sun and sun", "sun and sun and sun", "Sun and"],
    ["the sun, the sea, the sun", "no sun, no sea,", "a sea"],
]

_VOCABULARY = """
    from collections import Counter

    counts = Counter(word for sentence in sentences for word in {words})
    kept = {kept}
    kept = {order}
    numbers = {numbers}
    return numbers
"""


def _vocabulary(
    words: str = "sentence.split()",
    kept: str = "[word for word in counts if counts[word] >= least]",
    order: str = "sorted(kept, key=lambda word: (-counts[word], word))",
    numbers: str = '{"<pad>": 0, "<unknown>": 1} '
    "| {word: place for place, word in enumerate(kept, start=2)}",
) -> str:
    """The vocabulary with one part in another way."""
    return _VOCABULARY.format(words=words, kept=kept, order=order, numbers=numbers)


BUILD_VOCABULARY = Exercise(
    chapter="05",
    signature="build_vocabulary(sentences, least)",
    title="a vocabulary without rare words",
    prompt="""
        Write `build_vocabulary(sentences, least)`: return a dictionary from word to number.
        `"<pad>"` has 0 and `"<unknown>"` has 1. Of the other words only those that occur at
        least `least` times in all sentences together are in it, from number 2 on: the most
        frequent first, equally frequent ones in the order of `sorted`. Words are separated by
        spaces, and taken as they are written: "sun" and "Sun" and "sun," are three words.
    """,
    shapes="sentences: list of str. least: int. Returns a dict from str to int.",
    cases=lambda: [
        (list(_SENTENCES[0]), 2),
        (list(_SENTENCES[1]), 1),
        (list(_SENTENCES[1]), 2),
        (list(_SENTENCES[2]), 2),
        (list(_SENTENCES[3]), 1),
    ],
    model_answer="""
        counts = {}
        for word in " ".join(sentences).split():
            counts[word] = counts.get(word, 0) + 1
        kept = [word for word in counts if counts[word] >= least]
        vocabulary = {"<pad>": 0, "<unknown>": 1}
        for word in sorted(kept, key=lambda word: (-counts[word], word)):
            vocabulary[word] = len(vocabulary)
        return vocabulary
    """,
    why="The order is fixed by count and alphabet, so two runs give a word the same number.",
    hints=(
        "collections.Counter counts the words of all sentences.",
        "sorted(words, key=lambda word: (-counts[word], word)) has the order asked for.",
        "enumerate(…, start=2) numbers them after the two reserved ones.",
    ),
    right=(
        _vocabulary(),
        """
        counts = {}
        for word in " ".join(sentences).split():
            counts[word] = counts.get(word, 0) + 1
        vocabulary = {"<pad>": 0, "<unknown>": 1}
        for word in sorted(sorted(counts), key=counts.get, reverse=True):
            if counts[word] >= least:
                vocabulary[word] = len(vocabulary)
        return vocabulary
        """,
        """
        words = " ".join(sentences).split()
        kept = [word for word in set(words) if words.count(word) >= least]
        kept.sort(key=lambda word: (-words.count(word), word))
        return {word: n for n, word in enumerate(["<pad>", "<unknown>", *kept])}
        """,
    ),
    mistakes=(
        KnownMistake(
            _vocabulary(kept="[word for word in counts if counts[word] > least]"),
            "a word that occurs exactly `least` times belongs to it",
        ),
        KnownMistake(
            _vocabulary(order="sorted(kept)"),
            "these are in alphabetical order only; the most frequent come first",
        ),
        KnownMistake(
            _vocabulary(order="sorted(kept, key=lambda word: -counts[word])"),
            "equally frequent words are in the order in which they were met; sort them too",
        ),
        KnownMistake(
            _vocabulary(order="sorted(kept, key=lambda word: (counts[word], word), reverse=True)"),
            "equally frequent words are in reversed order: reverse=True turns both parts of the "
            "key round, -counts[word] only the count",
        ),
        KnownMistake(
            _vocabulary(
                numbers='{"<pad>": 0, "<unknown>": 1} '
                "| {word: place for place, word in enumerate(kept, start=2)} "
                "| {word: 1 for word in counts if word not in kept}"
            ),
            "rare words stand in it with 1; leave them out, a look-up gives 1 then",
        ),
        KnownMistake(
            _vocabulary(numbers="{word: place for place, word in enumerate(kept)}"),
            "the two reserved words are missing",
        ),
        KnownMistake(
            _vocabulary(kept="list(counts)"),
            "rare words are in it too; least was not used",
        ),
        KnownMistake(
            _vocabulary(words="sentence"),
            "these are letters: split the sentences into words first",
        ),
        KnownMistake(
            _vocabulary(words="set(sentence.split())"),
            "a word counts each time that it occurs, also twice in one sentence",
        ),
        KnownMistake(
            _vocabulary(words="sentence.lower().split()"),
            "Sun and sun were counted as one word; take words as they are written",
        ),
        KnownMistake(
            _vocabulary(words='sentence.replace(",", "").split()'),
            'the commas are gone, so "sun," was counted as "sun"; take words as they are written',
        ),
    ),
    rejected=(
        RejectedAnswer(
            _vocabulary(words='sentence.strip(".,!?").split()'), "'sea' stands where 'sea,'"
        ),
        RejectedAnswer(_vocabulary(numbers='["<pad>", "<unknown>", *kept]'), "dict"),
        RejectedAnswer(
            _vocabulary(
                numbers='{"<unknown>": 0, "<pad>": 1} '
                "| {word: place for place, word in enumerate(kept, start=2)}"
            ),
            "<pad>",
        ),
    ),
    canonical=lambda result, *_: dict(sorted(result.items(), key=lambda pair: pair[1])),
)
