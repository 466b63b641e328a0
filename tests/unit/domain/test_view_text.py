"""views.toml: what is right is used, what is wrong is told by its line, what is not changed stays as it was written."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtui.domain.view_text import (
    TextView,
    ViewColumn,
    quoted,
    read_column,
    read_views,
    sort_column,
    with_view,
    without_view,
)

FILE = """\
# My views, shared by git
columns = ["name", "company:30"]  # everywhere

# the ones that pay
[[view]]
name = "VIP"
query = 'tag:vip'   # whoever spends
sort = "-last"
columns = [
  "name:20",  # wide
  "city",
]

[[view]]  # north
query = \"\"\"
city:Oslo
[[view]]
\"\"\"
name = "North"
"""


def test_views_are_read_with_the_default_one() -> None:
    views, problems = read_views(FILE)
    assert problems == []
    assert views == [
        TextView("", "", "", (ViewColumn("name"), ViewColumn("company", 30)), 1),
        TextView("VIP", "tag:vip", "-last", (ViewColumn("name", 20), ViewColumn("city")), 5),
        TextView("North", "city:Oslo\n[[view]]\n", "", (), 14),
    ]


def test_each_mistake_is_told_with_its_line_and_the_rest_is_used() -> None:
    views, problems = read_views(
        '[[view]]\nname = "A"\nquerry = "x"\nsort = "citty"\ncolumns = ["name", "compny"]\n'
        '[[view]]\nname = "B\nquery = "y"\n'
        '[[view]]\nquery = "z"\n'
        '[[view]]\nname = "C"\nquery = "stgae:lead tag:vip"\n'
        '[[view]]\nname = "C"\n'
    )
    assert [(view.name, view.query, view.columns) for view in views] == [
        ("A", "", (ViewColumn("name"),)),
        ("C", "stgae:lead tag:vip", ()),
    ]
    told = [(problem.line, problem.view, problem.hint) for problem in problems]
    assert told == [
        (3, "A", "Did you mean “query”?"),
        (4, "A", "Did you mean “city”?"),
        (5, "A", "Did you mean “company”?"),
        (7, "", ""),
        (9, "", ""),
        (13, "C", "Did you mean “stage”?"),
        (14, "C", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "view = 3",
        '[[view]]\nname = 3\nquery = 4\nsort = 5\ncolumns = "name"',
        "[[view]]\nname = ",
        "\x00",
        "[[[[",
        "a = 1\n" * 3,
    ],
)
def test_nonsense_is_told_and_raises_nothing(text: str) -> None:
    views, problems = read_views(text)
    assert views == []
    assert problems


def test_changing_a_view_leaves_every_other_line_alone() -> None:
    changed = with_view(FILE, TextView("VIP", "tag:vip owner:me", "-last", (ViewColumn("city"),)))
    before, after = FILE.split("\n"), changed.split("\n")
    assert [line for line in before if line not in after] == [
        "query = 'tag:vip'   # whoever spends",
        "columns = [",
        '  "name:20",  # wide',
        '  "city",',
        "]",
    ]
    assert [line for line in after if line not in before] == [
        'query = "tag:vip owner:me"  # whoever spends',
        'columns = ["city"]',
    ]


def test_a_view_that_is_equal_changes_nothing() -> None:
    for view in read_views(FILE)[0]:
        assert with_view(FILE, view) == FILE


def test_a_new_view_goes_to_the_end_and_renaming_keeps_its_place() -> None:
    text = with_view("# mine\n", TextView("Leads", "stage:lead"))
    assert text == '# mine\n\n[[view]]\nname = "Leads"\nquery = "stage:lead"\n'
    renamed = with_view(
        FILE, TextView("Best", "tag:vip", "-last", (ViewColumn("name", 20), ViewColumn("city"))), replaces="VIP"
    )
    assert renamed == FILE.replace('"VIP"', '"Best"')


def test_the_default_columns_stand_above_the_views() -> None:
    text = with_view('# mine\n\n[[view]]\nname = "A"\nquery = ""\n', TextView("", "", "-last", (ViewColumn("city"),)))
    assert read_views(text)[0][0] == TextView("", "", "-last", (ViewColumn("city"),), 1)
    assert text.startswith("# mine\n")
    assert read_views(text)[0][1].name == "A"
    assert read_views(with_view(text, TextView("")))[0][0].name == "A"


def test_a_view_goes_with_the_comment_above_it() -> None:
    assert without_view(FILE, "VIP") == FILE[: FILE.index("# the ones")] + FILE[FILE.index("[[view]]  # north") :]
    assert without_view(FILE, "nobody") == FILE


def test_a_view_in_a_part_that_cannot_be_read_is_not_written_over() -> None:
    with pytest.raises(ValueError, match="TOML"):
        with_view("columns = [\n[[view]]\nname='A'\n", TextView("", "", "", (ViewColumn("city"),)))


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
columns = st.lists(
    st.sampled_from([ViewColumn("name"), ViewColumn("city", 12), ViewColumn("custom.a b")]), unique=True, max_size=3
)
views = st.builds(
    lambda name, query, sort, shown: TextView(name, query, sort, tuple(shown)),
    names,
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["", "name", "-last"]),
    columns,
)


@given(st.lists(views, max_size=5, unique_by=lambda view: view.name), st.data())
def test_what_is_written_is_read_and_what_is_taken_out_is_gone(kept: list[TextView], data: st.DataObject) -> None:
    text = "# a comment\n"
    for view in kept:
        text = with_view(text, view)
    assert [view._replace(line=0) for view in read_views(text)[0]] == kept
    assert text.startswith("# a comment\n")
    for view in data.draw(st.permutations(kept)):
        text = without_view(text, view.name)
        kept = [each for each in kept if each.name != view.name]
        assert [each._replace(line=0) for each in read_views(text)[0]] == kept


@given(st.text(max_size=80))
def test_any_text_is_read_without_raising(text: str) -> None:
    read_views(text)
    read_views(f"{FILE}\n{text}")


@given(st.text())
def test_a_quoted_text_is_that_text_in_toml(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)}")["a"] == text.encode("utf-8", "replace").decode()


def test_columns_and_orders_are_named_as_in_queries() -> None:
    assert read_column("电话:14") == ViewColumn("phones", 14)
    assert read_column("custom.行业") == ViewColumn("custom.行业")
    assert read_column("nothing") is None
    assert sort_column("-last") == ("last_interaction_at", True)
    assert sort_column("sort_name") == ("sort_name", False)
    assert sort_column("notes") is None
    assert sort_column("") == ("", False)
