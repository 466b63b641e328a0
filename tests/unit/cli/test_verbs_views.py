"""``view``, and ``--view`` of the verbs that list and take out."""

import json
from pathlib import Path

from calling import Run


def test_a_view_is_saved_listed_used_and_removed(two: Run) -> None:
    assert two("view", "save", "Leads", "stage:lead", "--sort", "-name", "--columns", "name,city:12").code == 0
    listed = two("view", "list", "--json").json
    assert listed == [
        {"name": "Leads", "query": "stage:lead", "sort": "-name", "columns": ["name", "city:12"], "file": None}
    ]
    assert json.loads(two("find", "--view", "Leads", "--jsonl").out) == {"name": "张伟", "city": None}
    assert two("find", "--view", "Leads", "lovelace").code == 1
    exported = two("export", "-", "--view", "Leads").out
    assert exported.splitlines()[0] == "name,city"
    assert two("view", "rename", "Leads", "Hot").code == 0
    assert "stage:lead" in two("view", "show", "hot").out
    assert two("view", "delete", "Hot").code == 0
    assert two("view", "list").code == 1
    assert two("undo").code == 0
    assert two("view", "list", "--json").json[0]["name"] == "Hot"


def test_a_shared_view_lives_in_the_text_file(two: Run, tmp_path: Path) -> None:
    assert two("view", "save", "--shared", "London", "city:London").code == 0
    path = Path(two("view", "path").out.strip())
    assert path.read_text() == '[[view]]\nname = "London"\nquery = "city:London"\n'
    path.write_text("# git\n" + path.read_text() + '\n[[view]]\nname = "Broken\n')
    told = two("find", "--view", "London", "--fields", "name", "--json")
    assert told.json == [{"name": "Ada Lovelace"}]
    assert ":7" in told.err and "TOML" in told.err
    refused = two("view", "delete", "London")
    assert (refused.code, "--shared" in refused.err) == (1, True)
    assert two("view", "rename", "London", "LDN").code == 0
    assert two("view", "delete", "--shared", "LDN").code == 0
    assert path.read_text() == '[[view]]\nname = "Broken\n'


def test_mistakes_are_told_with_the_nearest_name(two: Run) -> None:
    two("view", "save", "Leads", "stage:lead")
    assert "Leads" in two("find", "--view", "Lead").err
    assert two("view", "show").code == 2
    assert "save" in two("view", "sav", "x").err
    assert "city" in two("view", "save", "x", "--columns", "citty").err
    assert "name" in two("view", "save", "x", "--sort", "nam").err
    assert two("view", "rename", "Leads").code == 2
