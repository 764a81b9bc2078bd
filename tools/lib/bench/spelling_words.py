"""Words, their letters, and the mistakes of a hand: what tools/bench-spelling asks with.

A letter is what a person sees as one: a base with its combining marks. A mistake puts in only letters of the word's own script that are usual in
the collection.
"""

import collections
import functools
import re
import unicodedata

from .peers.peer_words import words_with_marks

INSERT, DELETE, SUBSTITUTE, SWAP = KINDS = ("insert", "delete", "substitute", "swap")
# Damerau, "A technique for computer detection and correction of spelling errors", CACM 1964: four of five misspelt words have one such mistake.
TWO_EDITS = 0.2
LETTERS_MIN = 4
# Of a script's letters in the vocabulary, each word counted once: rarer letters are nobody's slip. Of Hangul that leaves some 200 syllables.
USUAL = 1 / 1000


def folded(text):
    """As Tandem folds before it breaks a text into words, near enough: see docs/analysis.md."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).replace("’", "'").replace("\u00ad", "")


@functools.cache
def words():
    """UAX #29's rules for alphabetic scripts: letters, digits and underscores, with one of ' . · between two letters, or one of ' . , between digits."""
    word = words_with_marks().pattern.rstrip("+")
    return re.compile(f"{word}+(?:(?:(?<=[^\\W\\d_])['.·](?=[^\\W\\d_])|(?<=\\d)['.,](?=\\d)){word}+)*")


def vocabulary(texts):
    """Word -> how many of the texts have it."""
    found = collections.Counter()
    for text in texts:
        found.update(set(words().findall(folded(text))))
    return found


def letters(word):
    """Each with its marks."""
    found = []
    for character in word:
        if found and unicodedata.category(character)[0] == "M":
            found[-1] += character
        else:
            found.append(character)
    return found


@functools.cache
def script(letter):
    """LATIN, CYRILLIC, HANGUL: the first word of a character's name; None where it is no letter."""
    return unicodedata.name(letter[0], "").split(" ")[0].split("-")[0] if letter[0].isalpha() else None


def usual_script(vocabulary):
    """The one of most words, each counted as often as documents have it."""
    found = collections.Counter()
    for word, documents in vocabulary.items():
        found[script(word[0])] += documents
    del found[None]
    return found.most_common(1)[0][0]


def is_plain(word):
    """Letters and marks alone, all of one script that has an alphabet or syllables."""
    scripts = {script(letter) for letter in letters(word)}
    return len(scripts) == 1 and not scripts & {None, "CJK"}


class Alphabet:
    """The usual letters of each script in a vocabulary."""

    def __init__(self, vocabulary):
        seen = collections.defaultdict(collections.Counter)
        for word in vocabulary:
            for letter in letters(word):
                if script(letter):
                    seen[script(letter)][letter] += 1
        self.of = {
            name: sorted(letter for letter, count in counts.items() if count >= USUAL * sum(counts.values())) for name, counts in seen.items()}

    def draw(self, like, source):
        """A letter of the script that `like` is of."""
        return source.choice(self.of.get(script(like)) or [like])


def edited(word, kind, alphabet, source):
    """A list of letters after one mistake; as it was where the mistake changes nothing or is impossible."""
    word = list(word)
    if kind == INSERT:
        place = source.randrange(len(word) + 1)
        return word[:place] + [alphabet.draw(word[min(place, len(word) - 1)], source)] + word[place:]
    if kind == SWAP:
        if len(word) > 1:
            place = source.randrange(len(word) - 1)
            word[place:place + 2] = word[place + 1], word[place]
        return word
    place = source.randrange(len(word))
    word[place:place + 1] = [alphabet.draw(word[place], source)] if kind == SUBSTITUTE else []
    return word


def distance(a, b):
    """Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours, no part edited twice."""
    before, last = [], list(range(len(b) + 1))
    for i, letter in enumerate(a):
        row = [i + 1]
        for j, other in enumerate(b):
            best = min(last[j] + (letter != other), last[j + 1] + 1, row[j] + 1)
            if i and j and letter == b[j - 1] and a[i - 1] == other:
                best = min(best, before[j - 1] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def misspelt(word, alphabet, known, source, tries=100):
    """(what a hand makes of it, number of edits), which is no known word; None where that is not to be had."""
    whole, edits = letters(word), 2 if source.random() < TWO_EDITS else 1
    for _ in range(tries):
        made = whole
        for _ in range(edits):
            made = edited(made, source.choice(KINDS), alphabet, source) if made else made
        text = unicodedata.normalize("NFC", "".join(made))
        # A second edit may undo the first, and letters put side by side may join.
        if text and text not in known and distance(whole, letters(text)) == edits:
            return text, edits
    return None


def runs(text):
    """Lists of neighbouring words of a text that are long and plain, folded. What stands between two of them is white space alone."""
    run = []
    for token in folded(text).split():
        word = token.strip(".,;:!?()\"'«»„“”")
        if run and not token.startswith(word):
            yield run
            run = []
        if word and is_plain(word) and len(letters(word)) >= LETTERS_MIN:
            run.append(word)
            if token.endswith(word):
                continue
        if run:
            yield run
        run = []
    if run:
        yield run
