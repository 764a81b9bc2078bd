"""bm25s beside Tandem: which treatments of a language it is given, and what it finds with them."""

import hashlib
import json
import pathlib
import subprocess
import sys

from . import console, report, virtual
from .daemon import MeasurementError
from .dense_reference import ndcg, read_judgements
from .languages_sets import JOINT, QRELS

PACKAGES = ("bm25s==0.3.16", "PyStemmer==3.1.0", "numpy==2.4.6")
PEERS = pathlib.Path(__file__).parent / "peers"
# PyStemmer's algorithms by the language's code; the older variants of one (porter, dutch_porter) are left out.
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english", "eo": "esperanto", "es": "spanish",
    "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish"}
UNSPACED = frozenset("ja km lo my th zh".split())
# Nothing about a language is told: lower case, and bigrams by the characters themselves.
UNTOLD = "bigrams"


def treatments(language):
    """Those that are tried for a language; the best counts."""
    code = language.split("_")[0]
    if code in UNSPACED:
        return ["bigrams"]
    if code == "ko":
        return ["words", "marks", "bigrams"]
    stemmed = [f":{STEMMERS[code]}"] if code in STEMMERS else []
    return [kind + stemmer for kind in ("words", "marks") for stemmer in ["", *stemmed]]


class Peer:
    """Finds through `peers/bm25s_rank.py`; what it found for the same texts is kept in the cache."""

    def __init__(self, cache):
        self.cache = cache / "languages"
        self.python = virtual.python(
            cache, "language-peers", PACKAGES, "install bm25s, which Tandem is compared with; is a package index within reach?")
        sources = "".join((PEERS / name).read_text(encoding="utf-8") for name in ("bm25s_rank.py", "peer_words.py"))
        self.identity = "\n".join([*PACKAGES, sources])

    def rank(self, judged, plan):
        """`plan`: run -> language -> treatment. Returns run -> query -> ids of the best documents."""
        key = hashlib.sha256("\n".join([self.identity, judged.digest(), json.dumps(plan)]).encode()).hexdigest()[:16]
        kept, wanted = (self.cache / f"bm25s-{key}{end}" for end in (".json", ".plan.json"))
        if (answers := report.read_json(kept)) is not None:
            console.progress(f"bm25s: {len(plan)} runs kept from an earlier one")
            return answers
        report.save_json(wanted, plan)
        new = kept.with_suffix(".new")
        done = subprocess.run([str(self.python), str(PEERS / "bm25s_rank.py"), str(judged.folder), str(wanted), str(new)], stdout=sys.stderr)
        if done.returncode:
            raise MeasurementError(f"bm25s ended with {done.returncode}; its plan: {wanted}")
        new.rename(kept)
        return report.read_json(kept)

    def alone(self, judged):
        """Language -> treatment -> query -> nDCG@10, each language searched by itself."""
        names = {f"{language}, {name}": (language, name) for language in judged.languages for name in treatments(language)}
        answers, found = self.rank(judged, {run: {language: name} for run, (language, name) in names.items()}), {}
        for run, (language, name) in names.items():
            found.setdefault(language, {})[name] = measured(answers[run], judged.part(language))
        return found

    def joint(self, judged, told):
        """"untold", "told" -> query -> nDCG@10, all languages searched together. `told`: language -> treatment."""
        answers = self.rank(judged, {"untold": dict.fromkeys(judged.languages, UNTOLD), "told": told})
        return {name: measured(ranking, judged.part(JOINT)) for name, ranking in answers.items()}


def measured(answers, folder):
    """Query -> nDCG@10, as `tandem eval` computes it."""
    judgements = read_judgements(folder / QRELS)
    return {query: ndcg(ranking, judgements[query]) for query, ranking in answers.items()}


def mean(values):
    return sum(values) / len(values)


def best(found):
    """Language -> the treatment with the highest mean."""
    return {language: max(tried, key=lambda name: mean(tried[name].values())) for language, tried in found.items()}
