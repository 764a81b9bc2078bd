"""Query sets that a workload lacks: drawn from its own texts, in the shapes of the synthetic workload's generator.

The generator writes mix, long, nat, and, phrase; `single` is made here for every workload, and all of them for texts that no generator
made. They are a function of the texts and the seed.
"""

import collections
import functools
import itertools
import pathlib
import random

from .daemon import MeasurementError

NAMES = ("mix", "long", "nat", "and", "phrase", "single")
# Texts that queries are drawn from and words counted in, evenly spaced: enough for frequencies, and quick for any collection.
SAMPLE = 200_000
# Ranks by frequency, as the generator has them: below the first a word is a stop word, below the second common.
STOP_WORDS, LONG_FROM, COMMON = 5, 150, 1000


class Sample:
    """Evenly spaced lines of a file, and how often words occur in them."""

    def __init__(self, path, limit=SAMPLE):
        with open(path, encoding="utf-8", newline="\n") as lines:
            total = sum(1 for _ in lines)
        step = max(1, -(-total // limit))
        with open(path, encoding="utf-8", newline="\n") as lines:
            self.texts = [line.rstrip("\n") for line in itertools.islice(lines, 0, None, step)]
        occurrences, self.holding = collections.Counter(), collections.Counter()
        for text in self.texts:
            words = text.split()
            occurrences.update(words)
            self.holding.update(set(words))
        ordered = sorted(occurrences, key=lambda word: (-occurrences[word], word))
        self.rank = {word: rank for rank, word in enumerate(ordered)}


def mix(sample, chance, wanted=1000):
    """One to five words of one text, each common with a probability of 0.35."""
    found = []
    for words in _texts(sample, chance):
        if len(found) == wanted:
            return found
        distinct = sorted(set(words))
        common = [word for word in distinct if sample.rank[word] < COMMON]
        rare = [word for word in distinct if sample.rank[word] >= COMMON]
        pools = [common if common and chance.random() < 0.35 else rare for _ in range(chance.choices(range(1, 6), weights=[15, 30, 28, 17, 10])[0])]
        query = [chance.choice(pool) for pool in pools if pool]
        if query:
            found.append(list(dict.fromkeys(query)))


def long(sample, chance, wanted=500):
    """8 to 15 different words of one text that are not very common."""
    found = []
    for words in _texts(sample, chance):
        if len(found) == wanted:
            return found
        count = chance.randint(8, 15)
        distinct = sorted({word for word in words if sample.rank[word] >= LONG_FROM})
        if len(distinct) >= count:
            found.append(chance.sample(distinct, count))


def natural(sample, chance, wanted=500):
    """6 to 12 words as they follow each other, stop words among them; at least five different ones."""
    found = []
    for words in _texts(sample, chance):
        if len(found) == wanted:
            return found
        query = list(dict.fromkeys(_passage(words, chance.randint(6, 12), chance)))
        if len(query) >= 5:
            found.append(query)


def phrase(sample, chance, wanted=500):
    """Two or three different words as they follow each other, none of them a stop word."""
    found = []
    for words in _texts(sample, chance):
        if len(found) == wanted:
            return found
        query = _passage(words, chance.choice([2, 3]), chance)
        if query and len(set(query)) == len(query) and min(sample.rank[word] for word in query) >= STOP_WORDS:
            found.append(query)


def single(sample, chance, wanted=500):
    """Words of all frequencies: as many of each doubling of the number of texts that hold them, as far as there are any."""
    bands = collections.defaultdict(list)
    for word in sorted(sample.holding):
        bands[sample.holding[word].bit_length()].append(word)
    for words in bands.values():
        chance.shuffle(words)
    turns = itertools.zip_longest(*(bands[band] for band in sorted(bands)))
    return [[word] for word in itertools.islice((word for turn in turns for word in turn if word is not None), wanted)]


def _texts(sample, chance):
    """Words of texts drawn at random. Ends with an error where no text is fit for a query, instead of drawing for ever."""
    for _ in range(200_000):
        yield chance.choice(sample.texts).split()
    raise MeasurementError("the texts are too short or too much alike to draw queries from them")


def _passage(words, count, chance):
    """`count` words that follow each other; none where the text is too short."""
    if len(words) <= count:
        return []
    begin = chance.randrange(len(words) - count)
    return words[begin:begin + count]


def make_missing(folder, seed):
    """Writes q_NAME.txt beside docs.txt for every set that is not there yet."""
    folder = pathlib.Path(folder)
    missing = [name for name in NAMES if not (folder / f"q_{name}.txt").exists()]
    if not missing:
        return
    sample = Sample(folder / "docs.txt")

    @functools.cache
    def made(name):
        if name == "and":  # What of the mix has more than one word, as the generator has it.
            return [query for query in made("mix") if len(query) > 1]
        shapes = {"mix": mix, "long": long, "nat": natural, "phrase": phrase, "single": single}
        return shapes[name](sample, random.Random(f"{seed} {name}"))

    for name in missing:
        if name == "and" and "mix" not in missing:
            queries = [line.split() for line in (folder / "q_mix.txt").read_text(encoding="utf-8").splitlines() if " " in line]
        else:
            queries = made(name)
        part = folder / f"q_{name}.part"
        part.write_text("".join(" ".join(query) + "\n" for query in queries), encoding="utf-8")
        part.rename(folder / f"q_{name}.txt")
