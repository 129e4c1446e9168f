from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from commitments import roles
from commitments.models import Membership, Organisation, User

PASSWORD = "blue-sky-of-2024"  # noqa: S105 (known to everybody; the command refuses to run on a public server)
NGO = "open-society-forum"
# Where the demonstration is loaded, the same account can answer in it, for this invented organisation.
DEMONSTRATION_NGO = "imaginary-watch"


@dataclass(frozen=True)
class Account:
    email: str
    role: str
    may: str
    group: str = ""
    is_superuser: bool = False
    organisation: str = ""  # slug


ACCOUNTS = (
    Account("superuser@example.org", "Superuser", "everything, accounts too", is_superuser=True),
    Account("publisher@example.org", "Publisher", "enter and publish ratings, answers, reports", roles.PUBLISHER),
    Account("editor@example.org", "Editor", "enter ratings and reference data", roles.EDITOR),
    Account("member@example.org", "MSF member", "read drafts of plans and reports", roles.MSF_MEMBER),
    Account("ngo@example.org", "NGO, Open Society Forum", "answer the government's ratings", organisation=NGO),
)


class Command(BaseCommand):
    help = "Make one account for each role, for a developer's machine, and print them. Leaves existing accounts alone."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo accounts have a known password, so they are made with DEBUG on only.")
        with transaction.atomic():
            users = [_existing_or_new(account) for account in ACCOUNTS]
            for account, user in zip(ACCOUNTS, users, strict=True):
                if account.organisation:
                    _let_practise(user)
        rows = [("E-mail", "Password", "Role", "May")]
        for account, user in zip(ACCOUNTS, users, strict=True):
            password = PASSWORD if user.check_password(PASSWORD) else "(changed)"
            rows.append((account.email, password, account.role, account.may))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _existing_or_new(account: Account) -> User:
    """The account as it stands; what somebody made of an existing one (password, role) is not undone."""
    existing = User.objects.filter(email__iexact=account.email).first()
    if existing:
        return existing
    user = User.objects.create_user(
        account.email, PASSWORD, name=account.role, language="en", is_superuser=account.is_superuser
    )
    if account.group:
        user.groups.add(Group.objects.get(name=account.group))
    if account.organisation:
        organisation = Organisation.objects.filter(slug=account.organisation).first()
        if organisation is None:
            raise CommandError("The plans are not loaded yet: run manage.py load_plans first.")
        Membership.objects.create(user=user, organisation=organisation)
    return user


def _let_practise(user: User) -> None:
    """Let an NGO's account speak for an invented organisation too, where there is one; once, in case it was ended."""
    invented = Organisation.objects.filter(slug=DEMONSTRATION_NGO, is_demonstration=True).first()
    if invented and not user.memberships.filter(organisation=invented).exists():
        Membership.objects.create(user=user, organisation=invented)
