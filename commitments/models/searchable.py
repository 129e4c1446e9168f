from typing import Any, Self, TypeVar

from django.db import models

from commitments.words import Asked, asked, search_text

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class SearchableQuerySet(models.QuerySet[_Row]):
    def search(self, words: str) -> Self:
        """Rows that have every word, in any case and in both languages, alike on SQLite and PostgreSQL."""
        wanted = asked(words)
        # What holds no word at all, such as %, is found nowhere.
        return self.having(wanted) if wanted or not words.strip() else self.none()

    def having(self, words: Asked) -> Self:
        return self.filter(words.condition("search_text"))


class Searchable(models.Model):
    """Keeps ``search_text``: the words of ``searched`` (titles) and of ``searched_too``."""

    searched: tuple[str, ...] = ()
    searched_too: tuple[str, ...] = ()

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
        titles, rest = ([getattr(self, name) for name in names] for names in (self.searched, self.searched_too))
        return search_text(titles, rest)
