"""What an installation must have set before it can run, each with a sentence that says what to do."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


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
            id="ogptracker.E001",
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
            id="ogptracker.W001",
        )
    ]
