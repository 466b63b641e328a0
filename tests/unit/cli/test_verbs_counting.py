"""``count``: values for people and for programs."""

from calling import Run


def test_values_are_counted(two: Run) -> None:
    found = two("count", "tag", "--json").json
    assert found == {
        "field": "tag",
        "query": "",
        "rows": [{"value": "vip", "count": 1, "query": "tags:=vip"}],
        "distinct": 1,
        "blank": 1,
        "total": 2,
        "blank_query": 'tags:=""',
    }
    assert two("find", found["rows"][0]["query"], "--fields", "id", "--json").json == [{"id": 1}]
    ran = two("count", "city", "stage:lead OR city:London")
    assert (ran.code, "London" in ran.out, "without a value" in ran.out) == (0, True, True)
    assert two("count", "city", "--csv").out == "value,count,query\nLondon,1,city:=London\n"
    assert two("count", "city", "stage:lead").code == 1
    assert "city" in two("count", "citty").err
