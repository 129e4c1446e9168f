"""Two runs of `send_reminders` at once: each mail goes out once, and none is left out."""

from __future__ import annotations

import datetime
import threading
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from assessments.models import SentReminder
from assessments.reminders import due_at
from commitments.models import User
from tests import factories

RUNS = 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time")
def test_runs_at_once_send_each_mail_once(monkeypatch: pytest.MonkeyPatch) -> None:
    milestone = factories.MilestoneFactory()
    factories.OpenPeriodFactory(
        plan=milestone.commitment.plan, entry_closes_at=timezone.now() + datetime.timedelta(days=5)
    )
    User.objects.update(is_active=False)
    addresses = [factories.EditorFactory().email for _n in range(10)]
    factories.FocalPointFactory(commitment=milestone.commitment)
    expected = sorted([*addresses, "secret-contact@example.org"])

    # Nobody sends before everybody has read what is due, so that all want to send all.
    together = threading.Barrier(RUNS)

    def read_together(as_of: datetime.datetime) -> list:
        posts = due_at(as_of)
        together.wait(timeout=20)
        return posts

    monkeypatch.setattr("assessments.management.commands.send_reminders.due_at", read_together)
    said = [StringIO() for _n in range(RUNS)]

    def run(out: StringIO) -> None:
        try:
            call_command("send_reminders", stdout=out, stderr=out)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(out,)) for out in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [line for out in said for line in out.getvalue().splitlines() if line.startswith("Not sent")] == []
    assert sorted(message.to[0] for message in mail.outbox) == expected
    assert sorted(line for out in said for line in out.getvalue().splitlines() if line.startswith("Sent to")) == sorted(
        [
            *(f"Sent to account {user.pk}: 1 reminder." for user in User.objects.filter(email__in=addresses)),
            f"Sent to focal point of {milestone.commitment.plan.slug}/{milestone.commitment.code}: 1 reminder.",
        ]
    )
    assert SentReminder.objects.filter(sent_at__isnull=False).count() == SentReminder.objects.count() == 11
