"""Settings that would be wrong on a public server, each with what to do about it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

# Caches that each worker has for itself, or that keep nothing.
NOT_SHARED = (
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
)


@register(Tags.security, deploy=True)
def attempts_are_counted_once(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    if settings.DEBUG or settings.CACHES["default"]["BACKEND"] not in NOT_SHARED:
        return []
    return [
        Warning(
            "Each worker has a cache of its own, so that wrong passwords and codes are counted by each alone.",
            hint="Set CACHE_URL to a cache that all workers share, e.g. dbcache://ogptracker_cache, and run "
            "manage.py createcachetable (see .env.sample).",
            id="ogptracker.W001",
        )
    ]


@register(Tags.security, deploy=True)
def the_readers_address_is_known(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    if settings.DEBUG or settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0:
        return []
    return [
        Warning(
            "TRUSTED_PROXIES is 0: behind a web server all readers have its address, and one who guesses passwords "
            "locks out everybody.",
            hint="Set TRUSTED_PROXIES to the number of proxies in front (usually 1); each must set X-Forwarded-For.",
            id="ogptracker.W002",
        )
    ]


@register(Tags.security)
def no_code_opens_everything(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    if settings.DEBUG or not getattr(settings, "MFA_TOTP_INSECURE_BYPASS_CODE", None):
        return []
    return [
        Error(
            "MFA_TOTP_INSECURE_BYPASS_CODE is set outside DEBUG: one known code stands for everybody's second factor.",
            hint="Remove it.",
            id="ogptracker.E001",
        )
    ]


@register(Tags.security, deploy=True)
def staff_have_a_second_factor(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    if settings.DEBUG or settings.STAFF_NEEDS_SECOND_FACTOR:
        return []
    return [
        Warning(
            "STAFF_NEEDS_SECOND_FACTOR is off: a stolen password is enough to publish.",
            hint="Remove it from the environment.",
            id="ogptracker.W003",
        )
    ]


@register()
def site_url_is_set(**kwargs: Any) -> list[CheckMessage]:
    """Mail carries addresses, which without this setting would lead nowhere."""
    address = urlsplit(settings.SITE_URL)
    if address.scheme in {"http", "https"} and address.hostname and not (address.path or address.query):
        return []
    return [
        Error(
            f"SITE_URL is {settings.SITE_URL!r}, which is not the address of a site.",
            hint="Set it to where the site is reached, such as https://ogp.example.org (see .env.sample).",
            id="ogptracker.E002",
        )
    ]


@register(Tags.security, deploy=True)
def mail_goes_out(**kwargs: Any) -> list[CheckMessage]:
    """Printed mail reaches nobody, is noted as sent, and leaves the addresses of contacts in the log."""
    if settings.EMAIL_BACKEND != "django.core.mail.backends.console.EmailBackend":
        return []
    return [
        Warning(
            "Mail is printed to the console instead of being sent.",
            hint="Set EMAIL_URL to the mail server (see .env.sample).",
            id="ogptracker.W004",
        )
    ]
