"""symspellpy's side of tools/bench-spelling: `symspell_suggest.py PLAN OUTPUT`. Runs in the environment that has symspellpy.

PLAN is a JSON object: `words` (word -> number of documents), `texts` (list). OUTPUT is to be one: `top` and `compound`, each with the text that is suggested for
each text (it may be the same text); top: word by word for those that are no known words, the best of `lookup`; compound: `lookup_compound`.
"""

import json
import pathlib
import sys

from symspellpy import SymSpell, Verbosity

DISTANCE = 2


def dictionary(words):
    made = SymSpell(max_dictionary_edit_distance=DISTANCE)
    for word, count in words.items():
        made.create_dictionary_entry(word, count)
    return made


def top(spell, words, text):
    def corrected(word):
        if word in words:
            return word
        found = spell.lookup(word, Verbosity.TOP, max_edit_distance=DISTANCE)
        return found[0].term if found else word

    return " ".join(map(corrected, text.split(" ")))


def main(plan, output):
    plan = json.loads(pathlib.Path(plan).read_text(encoding="utf-8"))
    words, texts = plan["words"], plan["texts"]
    spell = dictionary(words)
    answers = {
        "top": [top(spell, words, text) for text in texts], "compound": [spell.lookup_compound(text, max_edit_distance=DISTANCE)[0].term for text in texts]}
    pathlib.Path(output).write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
