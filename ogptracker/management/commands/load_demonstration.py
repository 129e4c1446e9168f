from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from commitments.models import ActionPlan
from ogptracker.demonstration import SLUG
from ogptracker.demonstration.answers import write_answers
from ogptracker.demonstration.promises import write_promises
from ogptracker.demonstration.quarters import quarters_around
from ogptracker.demonstration.ratings import enter_current_quarter, write_periods, write_published_ratings
from ogptracker.demonstration.recording import assemble


class Command(BaseCommand):
    help = (
        "Bring an invented plan to practise on into the database, with DEBUG on only: six quarters up to today, "
        "answers, corrections, every state once. A plan that is there already is left as it is."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demonstration is invented, so it is loaded with DEBUG on only.")
        if ActionPlan.objects.filter(slug=SLUG).exists():
            said = "The demonstration is here already, and is left as it is."
        else:
            with transaction.atomic():
                cast = assemble(quarters_around(timezone.localdate()))
                write_promises(cast)
                periods = write_periods(cast)
                write_published_ratings(cast, periods)
                write_answers(cast, periods)
                enter_current_quarter(cast, periods)
            milestones = len(cast.milestones)
            said = f"Demonstration loaded: {milestones} invented milestones, {periods[-1].code} open for entry."
        if options["verbosity"]:
            self.stdout.write(said)
