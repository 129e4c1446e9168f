"""The API's description: complete, true, and shown by a page of our own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ogptracker.api import RESOURCES
from ogptracker.wsgi import application


def uncompressed(environ: dict[str, Any], start_response: Any) -> Any:
    """The site as schemathesis can read it: it asks for gzip, and does not unpack what it gets."""
    environ.pop("HTTP_ACCEPT_ENCODING", None)
    return application(environ, start_response)


@pytest.fixture
def described(db: None) -> Iterator[Any]:
    """The API described by itself, asked in this process and so in the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema/", uncompressed)
    for signal in signals:
        signal.connect(close_old_connections)


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_whatever_is_asked_is_answered_as_described(loaded_plans: None, described: Any) -> None:
    for found in described.get_all_operations():

        @hypothesis.settings(max_examples=6, deadline=None, database=None, derandomize=True)
        @hypothesis.given(case=found.ok().as_strategy())
        def holds(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        holds()


@pytest.mark.parametrize("name", [name for name in RESOURCES if name != "reports"])
def test_lists_and_details_of_the_real_plans_are_as_described(loaded_plans: None, described: Any, name: str) -> None:
    address = detail_path(name)
    listed = described[f"/api/v1/{name}/"]["GET"].Case(query={"page_size": 200})
    rows = listed.call_and_validate(checks=CHECKS).json()["results"]
    parts = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", address))
    for row in [rows[0], rows[-1]]:
        path_parameters = parts.search(row["url"]).groupdict()
        case = described[address]["GET"].Case(path_parameters=path_parameters)
        assert case.call_and_validate(checks=CHECKS).json()["id"] == row["id"]


def detail_path(name: str) -> str:
    return f"/api/v1/{name}/" + re.sub(r"<\w+:(\w+)>", r"{\1}", RESOURCES[name].address) + "/"


def test_every_resource_has_a_list_and_a_detail(described: Any) -> None:
    assert set(described.raw_schema["paths"]) == {
        address for name in RESOURCES for address in (f"/api/v1/{name}/", detail_path(name))
    }


def test_every_field_and_parameter_is_described(described: Any) -> None:
    schema = described.raw_schema
    silent = [
        f"{component}.{name}"
        for component, content in schema["components"]["schemas"].items()
        for name, field in content.get("properties", {}).items()
        if not field.get("description")
    ]
    silent += [
        f"{address} {parameter['name']}"
        for address, operations in schema["paths"].items()
        for parameter in operations["get"]["parameters"]
        if not (parameter.get("description") or parameter["schema"].get("description"))
    ]
    assert silent == []


def test_it_can_only_be_read(described: Any) -> None:
    assert {method for operations in described.raw_schema["paths"].values() for method in operations} == {"get"}


def test_the_description_is_valid_and_without_a_warning(tmp_path: Path) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yaml"))
    assert (tmp_path / "schema.yaml").read_text().startswith("openapi: 3.1.0\n")


def test_the_description_is_one_document_in_every_language(db: None) -> None:
    english = Client().get("/api/schema/", headers={"accept-language": "en"})
    mongolian = Client().get("/api/schema/?lang=mn", headers={"accept-language": "mn"})
    assert english.status_code == 200
    assert english.content == mongolian.content
    assert Client().get("/api/schema/?lang=%00").status_code == 200


def test_the_documentation_page_holds_no_script_of_its_own_and_sets_no_cookie(db: None) -> None:
    page = Client().get("/api/docs/")
    script = Client().get("/api/docs/?script=")
    assert (page.status_code, script.status_code) == (200, 200)
    assert page.headers["Content-Security-Policy"] == Client().get("/api/v1/").headers["Content-Security-Policy"]
    assert "<script>" not in page.content.decode()
    assert "<style" not in page.content.decode()
    assert (dict(page.cookies), dict(script.cookies)) == ({}, {})
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert [address for address in addresses if not address.startswith(("/static/", "/api/"))] == []
