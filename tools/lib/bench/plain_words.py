"""Real text as the synthetic workload has it: words of letters and digits in lower case with one blank between, one passage a line."""

import re

WORDS_MIN, WORDS_MAX = 5, 400
WORD = re.compile(r"[^\W_]+")


def lines_of(text):
    """The text as passages: none where it is too short, several where it is too long."""
    found = WORD.findall(text.lower())
    for begin in range(0, len(found), WORDS_MAX):
        part = found[begin:begin + WORDS_MAX]
        if len(part) >= WORDS_MIN:
            yield " ".join(part)
