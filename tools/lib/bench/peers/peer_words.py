"""What bm25s is given to index in tools/bench-languages: simple treatments of a text, each written as one word.

    words            bm25s's own: lower case, \\w\\w+
    marks            lower case, words with their combining marks, which \\w leaves out: the vowels of Hindi and Thai, Arabic's points
    bigrams          like marks, but two characters each of the scripts that are written without spaces, and of Hangul
    words:german     with the Snowball stemmer of that name; marks:german likewise

Standard library only: the stemmer comes from outside.
"""

import functools
import re
import sys
import unicodedata

# Scripts without spaces between words, and Hangul, whose words carry their particles with them.
UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0eff\u1000-\u109f\u1780-\u17d3"  # Thai, Lao, Myanmar, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u3041-\u309f\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Kana
    "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af")  # Hangul
RUNS = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
IS_UNSPACED = re.compile(f"[{UNSPACED}]").match
WORDS = re.compile(r"(?u)\b\w\w+\b")


@functools.cache
def words_with_marks():
    marks = "".join(chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)).startswith("M"))
    return re.compile(f"[\\w{marks}]+")


def bigrams(word):
    for run in RUNS.findall(word):
        if len(run) < 3 or not IS_UNSPACED(run):
            yield run
        else:
            yield from (run[i:i + 2] for i in range(len(run) - 1))


def treatment(name, stemmer):
    """Text -> its terms. `stemmer`: a language's name -> a function from word to stem."""
    kind, _, language = name.partition(":")
    find = WORDS.findall if kind == "words" else words_with_marks().findall
    if kind == "bigrams":
        return lambda text: [part for word in find(text.lower()) for part in bigrams(word)]
    if not language:
        return lambda text: find(text.lower())
    # By Zipf's law nearly every word has been seen before.
    stem = functools.cache(stemmer(language))
    return lambda text: [stem(word) for word in find(text.lower())]
