"""Words that stay as they are once they are said (design rules 6.1 and 6.7).

The ORM refuses to change them here, and PostgreSQL by triggers (`commitments.triggers`), with the same error. A row
copied from a document is mended in place when the copy is wrong (ADR 8).
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from django.db import IntegrityError, models
from django.db.models import Q

_Row = TypeVar("_Row", bound="Frozen", covariant=True)


class FrozenQuerySet(models.QuerySet[_Row]):
    def update(self, **values: Any) -> int:
        changed = {self.model._meta.get_field(name).name for name in values if name != "pk"}
        if not changed.isdisjoint(self.model.FROZEN) and self.filter(self.model.settled()).exists():
            raise _refusal(self.model)
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.filter(self.model.kept()).exists():
            raise _refusal(self.model)
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Frozen(models.Model):
    """A row of which the fields named in ``FROZEN`` do not change once it is settled."""

    FROZEN: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            columns = [self._meta.get_field(name).attname for name in self.FROZEN]  # type: ignore[union-attr]
            stored = type(self)._base_manager.filter(self.settled(), pk=self.pk).values(*columns).first()
            if stored and any(getattr(self, name) != value for name, value in stored.items()):
                raise _refusal(type(self))
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        if type(self)._base_manager.filter(self.kept(), pk=self.pk).exists():
            raise _refusal(type(self))
        return super().delete(*args, **options)

    @classmethod
    def settled(cls) -> Q:
        """Rows whose words stay."""
        raise NotImplementedError

    @classmethod
    def kept(cls) -> Q:
        """Rows that are not deleted."""
        return cls.settled()


def _refusal(model: type[models.Model]) -> IntegrityError:
    """What the database's triggers say too."""
    return IntegrityError(f"{model._meta.db_table}: what is said stays as it is")
