"""Triggers are PostgreSQL's; their tests are collected there alone."""

from django.db import connection

if connection.vendor != "postgresql":
    collect_ignore = ["test_triggers.py"]
