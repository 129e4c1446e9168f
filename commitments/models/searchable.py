from typing import Any, Self, TypeVar

from django.db import models

from commitments.text import fold

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class SearchableQuerySet(models.QuerySet[_Row]):
    def search(self, words: str) -> Self:
        """Rows that contain every word, in any case and in both languages, alike on SQLite and PostgreSQL."""
        found = self
        for word in fold(words).split():
            found = found.filter(search_text__contains=word)
        return found


class Searchable(models.Model):
    """Keeps ``search_text``, the folded words of ``searched``, since SQLite knows no Cyrillic case."""

    searched: tuple[str, ...] = ()

    search_text = models.TextField(editable=False, default="")

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        self.search_text = self.searched_words()
        if (fields := options.get("update_fields")) is not None:
            options["update_fields"] = {*fields, "search_text"}
        super().save(*args, **options)

    def searched_words(self) -> str:
        """What `search_text` holds once the row is saved."""
        return fold(" ".join(str(getattr(self, field) or "") for field in self.searched))
