"""What tests share. `loaded_plans` puts the real plans into the database; `tests.factories` makes single rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.core.cache import caches
from django.utils import translation

from commitments.models import ActionPlan, User
from tests import factories
from tests.plans_database import PlansDatabase

PLANS_DATABASE = pytest.StashKey[PlansDatabase]()


def pytest_configure() -> None:
    # A slow hash protects passwords, which tests have none of.
    project_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # As on a public server, but for the second factor: the tests of it turn it on.
    project_settings.STAFF_NEEDS_SECOND_FACTOR = False
    project_settings.MFA_TOTP_INSECURE_BYPASS_CODE = None
    # Every page is made anew: the revision goes back when a test is rolled back. See `kept_pages`.
    project_settings.CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests on the real plans come last, so that the plans are put into the database once."""
    items.sort(key=_wants_plans)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    plans_database = item.config.stash.get(PLANS_DATABASE, None)
    if plans_database is not None:
        plans_database.prepare(plans=_wants_plans(item), transactional=_is_transactional(item))


def _wants_plans(item: pytest.Item) -> bool:
    return "loaded_plans" in getattr(item, "fixturenames", ())


def _is_transactional(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    marked = marker is not None and bool(marker.kwargs.get("transaction"))
    return marked or not {"transactional_db", "live_server"}.isdisjoint(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> None:
    request.config.stash[PLANS_DATABASE] = PlansDatabase(django_db_blocker)


@pytest.fixture(scope="session")
def _plans_database(request: pytest.FixtureRequest, django_db_setup: None) -> None:
    request.config.stash[PLANS_DATABASE].load()


@pytest.fixture
def loaded_plans(request: pytest.FixtureRequest, _plans_database: None, db: None) -> None:
    """The real plans of fixtures/ are in the database. What a test changes is rolled back after it."""
    if _is_transactional(request.node):
        request.config.stash[PLANS_DATABASE].holds = None  # the test will leave it flushed


@pytest.fixture
def nap_4(loaded_plans: None) -> ActionPlan:
    return ActionPlan.objects.get(slug="nap-4")


@pytest.fixture(autouse=True)
def _starts_in_english() -> Iterator[None]:
    """A page that another test opened leaves its language behind in this process."""
    with translation.override("en"):
        yield


@pytest.fixture
def kept_pages(settings: Any) -> Iterator[None]:
    """Finished pages are kept, as they are outside tests."""
    settings.CACHES = settings.CACHES | {
        "pages": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pages-of-a-test"}
    }
    caches["pages"].clear()
    yield
    caches["pages"].clear()


@pytest.fixture(autouse=True)
def _own_media_root(settings: Any, tmp_path: Path) -> None:
    """No test reads or leaves files in the installation's folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def editor(db: None) -> User:
    return factories.EditorFactory()


@pytest.fixture
def publisher(db: None) -> User:
    return factories.PublisherFactory()


@pytest.fixture
def msf_member(db: None) -> User:
    return factories.MsfMemberFactory()


@pytest.fixture
def superuser(db: None) -> User:
    return factories.SuperuserFactory()


@pytest.fixture
def representative(db: None) -> User:
    """Speaks for an NGO of its own: ``representative.memberships.get().organisation``."""
    return factories.RepresentativeFactory()
