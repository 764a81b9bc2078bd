"""Real text for tools/bench-lexical: what Debian's packages say of themselves, their manual pages, and manuals in HTML, through apt.

Everything goes into a folder of its own: apt's lists (the system's are left alone, root is not needed), one file of passages for each
package, and docs.txt, which is all of them in order without repetitions. What a run that was interrupted left there is taken up again. The
text is a function of the packages' versions, which manifest.json names.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import package_descriptions

from . import console
from .daemon import MeasurementError
from .plain_words import lines_of

# Raise it when the text changes in any way: another list of packages, other rules for passages.
RULES = 1
PASSAGES_MIN, PASSAGES_EXPECTED = 500_000, 1_300_000
# Mostly manual pages.
MANUAL_PAGES = (
    "allegro5-doc bash-doc erlang-manpages freebsd-manpages git-man libcurl4-doc libdbi-perl liblapack-doc libmoose-perl libsdl2-doc libssl-doc libx11-doc "
    "manpages manpages-dev openmpi-doc perl-doc postfix-doc samba-common-bin systemd tcl8.6-doc tcllib tk8.6-doc zsh-common").split()
# Manuals in HTML: prose, and interfaces with their descriptions.
MANUALS = (
    "apache2-doc cmake-doc debian-policy debian-reference-en developers-reference libboost1.74-doc libgtk-3-doc libreoffice-help-en-us linux-doc-6.1 llvm-14-doc "
    "octave-doc openjdk-17-doc postgresql-doc-15 python-django-doc python-sqlalchemy-doc python3.11-doc qtbase5-doc-html sqlite3-doc").split()
# What renders the manual pages; taken from its package, so that every machine has the same version.
FORMATTER = "mandoc"
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n+")


class Apt:
    """apt with lists of its own in a folder: long descriptions among them, not compressed."""

    def __init__(self, folder):
        self.folder = folder
        self.lists = folder / "lists"

    def prepare(self):
        """Fetches the lists, once."""
        if (self.folder / "complete").exists():
            return
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise MeasurementError("no apt-get or dpkg-deb here: the real text is made of Debian's packages; leave --text out")
        console.progress("apt-get update into a private folder (16 MB)")
        shutil.rmtree(self.folder, ignore_errors=True)
        for part in ("lists/partial", "empty", "archives"):
            (self.folder / part).mkdir(parents=True)
        kept = [line for line in self._run(["apt-config", "dump"]).splitlines() if re.match(r"Acquire::(?!Languages|GzipIndexes|CompressionTypes|IndexTargets)", line)]
        own = [
            f'Dir::Etc::parts "{self.folder}/empty";', f'Dir::State::Lists "{self.lists}";', f'Dir::Cache "{self.folder}/archives";',
            'Acquire::Languages { "en"; };', 'Acquire::GzipIndexes "false";', 'APT::Sandbox::User "root";']
        (self.folder / "apt.conf").write_text("\n".join(kept + own) + "\n", encoding="utf-8")
        self._get("update")
        if not list(self.lists.glob("*_Packages")):
            raise MeasurementError("apt-get update brought no package lists: is a Debian mirror within reach, and /etc/apt/sources.list right?")
        (self.folder / "complete").touch()

    def download(self, name, folder):
        """The package's file in `folder`."""
        for old in folder.glob(f"{name}_*.deb"):
            old.unlink()  # Of a run that was interrupted, maybe half of it.
        self._get("download", name, folder=folder)
        return next(folder.glob(f"{name}_*.deb"))

    def _get(self, *command, folder=None):
        return self._run(["apt-get", "-q", *command], folder, os.environ | {"APT_CONFIG": str(self.folder / "apt.conf")})

    @staticmethod
    def _run(command, folder=None, environment=None):
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise MeasurementError(
                f"{' '.join(command)}: {done.stdout.strip()[-500:]}\n    Is a Debian mirror within reach? Run this again; it goes on where it stopped. "
                "If a package has been replaced meanwhile, remove text-debian-*/apt in the cache first.")
        return done.stdout


def prepare(cache, documents, python):
    """(folder with docs.txt, what it is); `documents`: evenly spaced ones, None: all."""
    folder = pathlib.Path(cache) / f"text-debian-{RULES}"
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / "lock"):
        manifest = _whole_text(folder, python)
        label = (
            f"real text: {console.count(manifest['passages'])} passages, of {len(manifest['versions'])} Debian packages and the descriptions of all "
            f"{console.count(manifest['described'])}; SHA-256 {manifest['sha256'][:8]}…")
        if documents is None or documents == manifest["passages"]:
            return folder, label
        if documents > manifest["passages"]:
            raise MeasurementError(f"the real text has {console.count(manifest['passages'])} passages; take fewer (--documents)")
        return _part_of_it(folder, documents, manifest["passages"]), f"{label}; of them {console.count(documents)}, evenly spaced"


@contextlib.contextmanager
def _locked(path):
    with open(path, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _whole_text(folder, python):
    """The manifest of docs.txt, which is made if it is not there."""
    kept = folder / "manifest.json"
    if kept.exists():
        manifest = json.loads(kept.read_text(encoding="utf-8"))
        console.progress(f"real text: {console.count(manifest['passages'])} passages (kept from an earlier run)")
        return manifest
    console.step("Real text: Debian's descriptions, manual pages and manuals")
    apt = Apt(folder / "apt")
    apt.prepare()
    known = package_descriptions.packages(apt.lists)
    parts = [_descriptions(folder / "parts", apt, known), *_packages(folder, apt, known, python)]
    manifest = _join(parts, folder / "docs.txt")
    manifest |= {"described": len(known), "versions": {part.stem: known[part.stem]["Version"] for part in parts[1:]}}
    if manifest["passages"] < PASSAGES_MIN:
        raise MeasurementError(
            f"only {console.count(manifest['passages'])} passages, expected {PASSAGES_MIN:,}: the packages named in {pathlib.Path(__file__).name} are those "
            f"of Debian 12. Name this release's there, remove {folder}, and run this again.")
    kept.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    console.ok(f"{console.count(manifest['passages'])} passages, {console.size((folder / 'docs.txt').stat().st_size)}")
    return manifest


def _descriptions(folder, apt, known):
    """Sentences and list items of all packages' descriptions, in the order of the packages' names."""
    part = folder / "0-descriptions.txt"
    if part.exists():
        return part
    folder.mkdir(exist_ok=True)
    translated = package_descriptions.translations(apt.lists, "en")
    with open(part.with_suffix(".new"), "w", encoding="utf-8") as out:
        for name in sorted(known):
            described = package_descriptions.document(known[name], translated)
            for sentence in [described["title"], *SENTENCE_END.split(described["text"])]:
                out.writelines(line + "\n" for line in lines_of(sentence))
    part.with_suffix(".new").rename(part)
    return part


def _packages(folder, apt, known, python):
    """A file of passages for each package; a package that this release lacks is left out with a word."""
    names, parts = sorted([*MANUAL_PAGES, *MANUALS]), []
    downloads = folder / "packages"
    downloads.mkdir(exist_ok=True)
    for number, name in enumerate(names, 1):
        part = folder / "parts" / f"{name}.txt"
        if name not in known:
            console.warn(f"{name}: not in this release's lists, so it is left out")
            continue
        if not part.exists():
            console.progress(f"{number} of {len(names)}: {name} ({console.size(int(known[name]['Size']))})")
            package = apt.download(name, downloads)
            _cut(package, _formatter(folder, apt), part, python)
            package.unlink()
        parts.append(part)
    return parts


def _formatter(folder, apt):
    """mandoc, unpacked into the folder and not installed."""
    program = folder / FORMATTER / "usr/bin/mandoc"
    if not program.exists():
        package = apt.download(FORMATTER, folder)
        subprocess.run(["dpkg-deb", "-x", str(package), str(folder / FORMATTER)], check=True)
        package.unlink()
    return program


def _cut(package, formatter, part, python):
    new = part.with_suffix(".new")
    done = subprocess.run([str(python), str(pathlib.Path(__file__).parent / "passages.py"), str(package), str(formatter), str(new)], stdout=sys.stderr)
    if done.returncode:
        raise MeasurementError(f"{package.name}: its pages could not be read (exit code {done.returncode})")
    new.rename(part)


def _join(parts, target):
    """All passages in order, each once. - Returns: how many, and the digest of them all."""
    seen, digest = set(), hashlib.sha256()
    with open(target.with_suffix(".new"), "wb") as out:
        for part in parts:
            with open(part, "rb") as lines:
                for line in lines:
                    key = hashlib.blake2b(line, digest_size=16).digest()
                    if key not in seen:
                        seen.add(key)
                        digest.update(line)
                        out.write(line)
    target.with_suffix(".new").rename(target)
    return {"passages": len(seen), "sha256": digest.hexdigest()}


def _part_of_it(folder, documents, total):
    """A folder beside with evenly spaced passages."""
    part = folder.with_name(f"{folder.name}-{documents}")
    if (part / "docs.txt").exists():
        return part
    part.mkdir(exist_ok=True)
    with open(folder / "docs.txt", "rb") as lines, open(part / "docs.new", "wb") as out:
        out.writelines(line for number, line in enumerate(lines) if number * documents // total != (number + 1) * documents // total)
    (part / "docs.new").rename(part / "docs.txt")
    return part
