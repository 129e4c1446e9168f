import inspect

import pytest

from tests import factories

F=[c for n,c in inspect.getmembers(factories,inspect.isclass) if n.endswith("Factory") and not n.startswith("_") and c._meta.model]
@pytest.mark.parametrize("f",F,ids=lambda f:f.__name__)
def test_it(db,f):
    row=f()
    assert row.pk
    f()
def test_roles(editor,publisher,msf_member,superuser,representative):
    assert editor.is_staff and publisher.is_staff and superuser.is_staff and not msf_member.is_staff
    assert representative.memberships.get().organisation
