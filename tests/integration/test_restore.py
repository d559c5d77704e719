"""From the archive alone everything comes back, whatever the key: the same marts, row for row."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from running import Home, differences


def test_everything_but_the_archive_is_lost_and_the_key_changed_and_the_marts_are_the_same(
    second_night: Home, copy_of: Callable[[Home], Home]
) -> None:
    """What hashes replace under a key is read again from the archive, so that a new key changes no published value."""
    home = copy_of(second_night)
    home.published.unlink()
    for path in home.var.iterdir():
        if path.name != "archive":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(home.inbox)
    home.inbox.mkdir()
    before = second_night.sql(
        "select distinct case_id from raw.seizures order by 1 limit 20", second_night.build
    )
    said = home.beslag("refresh", "--full", KEY="the key after rotation, known to everyone")
    assert said.code == 0, said.text
    assert differences(second_night, home) == {}  # every mart there is
    after = home.sql("select distinct case_id from raw.seizures order by 1 limit 20", home.build)
    assert before != after
    again = home.beslag("refresh", KEY="the key after rotation, known to everyone")
    assert "Nothing new" in again.text
