from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from commitments import second_factor
from commitments.models import User


class Command(BaseCommand):
    help = (
        "Take away the lost second factor of an account, for when no colleague is left who could do it in the admin. "
        "The next sign-in asks to set up another; the history of the account says that a command did it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="of the account")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"No account has the address {options['email']}.")
        try:
            second_factor.reset(user, by=None)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        self.stdout.write(f"The second factor of {user.email} is reset.")
