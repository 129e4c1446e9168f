"""Frozen figures to a file, in a process of its own: the worker stays small, and whatever happens there is a sentence.

`rendered` is for the worker and for commands. The process is `python -m reports.rendering FORMAT`: canonical JSON on
standard input, the file on standard output. It never opens the database: a report is made from its figures alone.
"""

from __future__ import annotations

import os
import sys

from reports.pdf import document_key, made_apart

FORMATS = ("html", "pdf")


def rendered(canonical: str, form: str) -> bytes:
    """The report of `reports.content.to_json`'s text as ``html`` or ``pdf``; a draft says so, as its figures do.

    Equal figures give equal bytes under the same versions and fonts. Raises RenderingFailed.
    """
    if form not in FORMATS:
        raise ValueError(f"There is no format {form}.")
    return made_apart("reports.rendering", form, canonical)


def main() -> int:
    # Only here: a process of the web server never loads the engine, and documents need the settings.
    from reports.engine import TOO_LARGE, FetchRefused, NotPrinted, mind_memory, render

    mind_memory()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ogptracker.settings")
    import django

    django.setup()
    from reports.document import html_of
    from reports.fonts import FontsMissing

    try:
        html = html_of(sys.stdin.buffer.read().decode("utf-8"))
        made = html.encode("utf-8") if sys.argv[1] == "html" else render(html, document_key(html))
    except (FetchRefused, FontsMissing, NotPrinted) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except MemoryError:
        sys.stderr.write(TOO_LARGE)
        return 1
    sys.stdout.buffer.write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
