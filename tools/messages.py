"""The interface's Mongolian catalogue, kept with Babel alone: no system gettext is needed.

    python tools/messages.py update   bring locale/mn/LC_MESSAGES/django.po up to date with the sources
    python tools/messages.py check    fail where a message is missing, left over, fuzzy or not translated

Babel knows no Django templates; Django's own `templatize` rewrites one as Python-like calls on the same
lines, which Babel then reads. Messages of other packages that have no Mongolian of their own stand in
locale/borrowed.pot (kept by hand) and are treated like ours: when Django merges
the catalogues, ours wins.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("commitments", "assessments", "reports", "ogptracker", "templates")
BORROWED = ROOT / "locale" / "borrowed.pot"
CATALOGUE = ROOT / "locale" / "mn" / "LC_MESSAGES" / "django.po"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {"_": None}
for _suffix in ("", "_lazy"):
    KEYWORDS["gettext" + _suffix] = None
    KEYWORDS["ngettext" + _suffix] = (1, 2)
    KEYWORDS["pgettext" + _suffix] = ((1, "c"), 2)
    KEYWORDS["npgettext" + _suffix] = ((1, "c"), 2, 3)
KEYWORDS["gettext_noop"] = None
BRACES = re.compile(r"\{\w*\}")


def extract_template(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """Babel's extraction method for Django templates."""
    calls = templatize(file.read().decode(), origin=file.name)
    # Python's tokenizer, which Babel reads with, takes a template's indentation for Python's.
    calls = "\n".join(line.strip() for line in calls.splitlines())
    return extract_python(BytesIO(calls.encode()), keywords, comment_tags, options)


METHODS: list[Any] = [
    ("**/migrations/**.py", "ignore"),
    ("**.py", "python"),
    ("**.html", extract_template),
    ("**.txt", extract_template),
]


def wanted() -> Catalog:
    """Every message of the sources and of locale/borrowed.pot, untranslated."""
    catalogue = Catalog(charset="utf-8")
    for folder in SOURCES:
        found = extract_from_dir(
            ROOT / folder, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
        )
        for name, line, text, comments, context in found:
            place = (f"{folder}/{name}", line)
            catalogue.add(text, None, [place], auto_comments=comments, context=context)
    if BORROWED.exists():
        with BORROWED.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    place = ("locale/borrowed.pot", message.lineno or 0)
                    catalogue.add(message.id, None, [place], context=message.context)
    return catalogue


def stored() -> Catalog:
    """The catalogue as it is; an empty one where there is none."""
    if not CATALOGUE.exists():
        header = "# The interface in Mongolian. `make messages` keeps it in step with the sources."
        return Catalog(locale="mn", header_comment=header, project="ogptracker", charset="utf-8", fuzzy=False)
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="mn")


def update() -> None:
    """Add what is new, drop what is gone, keep every translation, guess nothing; twice is as once."""
    template, catalogue = wanted(), stored()
    template.creation_date = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.fuzzy = False
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)
    empty = sum(1 for message in catalogue if message.id and not complete(message))
    print(f"{CATALOGUE.relative_to(ROOT)}: {len(catalogue)} messages, {empty} to translate")


def complete(message: Message) -> bool:
    """Whether every form of the message has a translation."""
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def faults() -> Iterator[str]:
    """What is wrong with the catalogue, a sentence for each."""
    template, catalogue = wanted(), stored()
    asked = {(message.context, message.id) for message in template if message.id}
    kept = {(message.context, message.id): message for message in catalogue if message.id}
    for key in sorted(asked - set(kept), key=str):
        yield f"not in the catalogue: {key[1]!r}"
    for key in sorted(set(kept) - asked, key=str):
        yield f"no longer used: {key[1]!r}"
    for key in sorted(asked & set(kept), key=str):
        message = kept[key]
        if message.fuzzy:
            yield f"fuzzy: {message.id!r}"
        if not complete(message):
            yield f"not translated: {message.id!r}"
            continue
        sources = message.id if isinstance(message.id, list | tuple) else [message.id]
        strings = message.string if isinstance(message.string, list | tuple) else [message.string]
        targets = [str(string) for string in strings]
        for target in targets:
            if set(BRACES.findall(target)) - set(BRACES.findall("".join(sources))):
                yield f"a placeholder that the English has not: {target!r}"
            if [target[:1] == "\n", target[-1:] == "\n"] != [sources[0][:1] == "\n", sources[0][-1:] == "\n"]:
                yield f"line breaks at the ends differ: {target!r}"
    for message, errors in catalogue.check():
        for error in errors:
            yield f"{message.id!r}: {error}"


def check() -> None:
    """Print the faults; exit with 1 if there are any."""
    found = list(faults())
    for fault in found:
        print(fault)
    if found:
        sys.exit(f"{len(found)} faults in {CATALOGUE.relative_to(ROOT)}; `make messages` brings it up to date.")
    print(f"{CATALOGUE.relative_to(ROOT)} is complete.")


if __name__ == "__main__":
    commands = {"update": update, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]]()
