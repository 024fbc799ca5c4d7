from helpers.grading.exercise import Exercise, edit

_SENTENCES = [
    ["d b d d a", "b c a c", "b c e"],
    ["the sun is a star", "a sun is the sun", "wine"],
    ["Sun and sun", "sun and sun and sun", "Sun and"],
    ["the sun, the sea, the sun", "no sun, no sea,", "a sea"],
]

exercise = Exercise(
    "build_vocabulary(sentences, least)",
    title="a vocabulary of frequent words",
    prompt="""
        Write `build_vocabulary(sentences, least)`: return a dictionary from word to number.
        `"<pad>"` has 0 and `"<unknown>"` has 1. Of the other words only those that occur at
        least `least` times in all sentences together are in it, from number 2 on: the most
        frequent first, equally frequent ones in the order of `sorted`. Words are separated by
        spaces, and taken as they are written: "sun" and "Sun" and "sun," are three words.
    """,
    shapes="sentences: list of str. least: int. Returns a dict from str to int.",
    cases=[
        lambda: (list(_SENTENCES[0]), 2),
        lambda: (list(_SENTENCES[1]), 1),
        lambda: (list(_SENTENCES[1]), 2),
        lambda: (list(_SENTENCES[2]), 2),
        lambda: (list(_SENTENCES[3]), 1),
    ],
    hints=(
        "collections.Counter counts the words of all sentences.",
        "sorted(words, key=lambda word: (-counts[word], word)) has the order asked for.",
        "enumerate(…, start=2) numbers them after the two reserved ones.",
    ),
    canonical=lambda result, *_: dict(sorted(result.items(), key=lambda pair: pair[1])),
)


@exercise.answer(
    why="The order is fixed by count and alphabet, so two runs give a word the same number."
)
def build_vocabulary(sentences, least):
    counts = {}
    for word in " ".join(sentences).split():
        counts[word] = counts.get(word, 0) + 1
    kept = [word for word in counts if counts[word] >= least]
    vocabulary = {"<pad>": 0, "<unknown>": 1}
    for word in sorted(kept, key=lambda word: (-counts[word], word)):
        vocabulary[word] = len(vocabulary)
    return vocabulary


@exercise.right
def with_a_counter(sentences, least):
    from collections import Counter

    counts = Counter(word for sentence in sentences for word in sentence.split())
    kept = [word for word in counts if counts[word] >= least]
    kept = sorted(kept, key=lambda word: (-counts[word], word))
    numbers = {word: place for place, word in enumerate(kept, start=2)}
    return {"<pad>": 0, "<unknown>": 1} | numbers


@exercise.right
def _(sentences, least):
    counts = {}
    for word in " ".join(sentences).split():
        counts[word] = counts.get(word, 0) + 1
    vocabulary = {"<pad>": 0, "<unknown>": 1}
    for word in sorted(sorted(counts), key=counts.get, reverse=True):
        if counts[word] >= least:
            vocabulary[word] = len(vocabulary)
    return vocabulary


@exercise.right
def _(sentences, least):
    words = " ".join(sentences).split()
    kept = [word for word in set(words) if words.count(word) >= least]
    kept.sort(key=lambda word: (-words.count(word), word))
    return {word: n for n, word in enumerate(["<pad>", "<unknown>", *kept])}


exercise.mistake(
    "a word that occurs exactly `least` times belongs to it",
    edit(">= least", "> least", of=with_a_counter),
)
exercise.mistake(
    "these are in alphabetical order only; the most frequent come first",
    edit(", key=lambda word: (-counts[word], word)", "", of=with_a_counter),
)
exercise.mistake(
    "equally frequent words are in the order in which they were met; sort them too",
    edit("(-counts[word], word)", "-counts[word]", of=with_a_counter),
)
exercise.mistake(
    "equally frequent words are in reversed order: reverse=True turns both parts of the key "
    "round, -counts[word] only the count",
    edit("(-counts[word], word)", "(counts[word], word), reverse=True", of=with_a_counter),
)
exercise.mistake(
    "rare words stand in it with 1; leave them out, a look-up gives 1 then",
    edit(
        "| numbers",
        "| numbers | {word: 1 for word in counts if word not in kept}",
        of=with_a_counter,
    ),
)
exercise.mistake(
    "the two reserved words are missing",
    edit('{"<pad>": 0, "<unknown>": 1} | numbers', "numbers", of=with_a_counter).edit(
        "start=2", "start=0"
    ),
)
exercise.mistake(
    "rare words are in it too; least was not used",
    edit("[word for word in counts if counts[word] >= least]", "list(counts)", of=with_a_counter),
)
exercise.mistake(
    "these are letters: split the sentences into words first",
    edit("sentence.split()", "sentence", of=with_a_counter),
)
exercise.mistake(
    "a word counts each time that it occurs, also twice in one sentence",
    edit("sentence.split()", "set(sentence.split())", of=with_a_counter),
)
exercise.mistake(
    "Sun and sun were counted as one word; take words as they are written",
    edit(".split", ".lower().split", of=with_a_counter),
)
exercise.mistake(
    'the commas are gone, so "sun," was counted as "sun"; take words as they are written',
    edit(".split", '.replace(",", "").split', of=with_a_counter),
)

exercise.rejected(
    "'sea' stands where 'sea,'", edit(".split", '.strip(".,!?").split', of=with_a_counter)
)
exercise.rejected(
    "dict",
    edit(
        '{"<pad>": 0, "<unknown>": 1} | numbers', '["<pad>", "<unknown>", *kept]', of=with_a_counter
    ),
)
exercise.rejected(
    "<pad>",
    edit('"<pad>": 0, "<unknown>": 1', '"<unknown>": 0, "<pad>": 1', of=with_a_counter),
)
