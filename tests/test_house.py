"""Rules about the repository itself."""

import importlib.util
import re
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent


def test_imports_point_one_way(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def test_psycopg_3_stays_out():
    # Django would prefer it without a word, and it was 2.3 times slower.
    assert importlib.util.find_spec("psycopg") is None


def test_every_setting_is_documented():
    asked = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "ogptracker" / "settings.py").read_text()))
    documented = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.sample").read_text(), re.MULTILINE))
    assert asked == documented


def test_breakpoints_follow_the_size_of_the_readers_letters():
    styles = (ROOT / "static" / "css" / "site.css").read_text()
    assert re.findall(r"@media[^{]*\d(?:px|rem)", styles) == []


def test_templates_point_one_way_too():
    apps = ["commitments", "assessments", "reports", "ogptracker"]
    libraries = {file.stem: app for app in apps for file in (ROOT / app / "templatetags").glob("[!_]*.py")}
    upwards = []
    for place, app in enumerate(apps):
        for file in (ROOT / "templates" / app).rglob("*.*"):
            text = file.read_text()
            used = re.findall(r'\{% (?:include|extends) "(\w+)/', text)
            used += [
                libraries.get(name) for names in re.findall(r"\{% load ([^%]*)%\}", text) for name in names.split()
            ]
            upwards += [f"{file.name}: {one}" for one in used if one in apps[place + 1 :]]
    assert upwards == []
