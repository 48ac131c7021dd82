"""Entities in tags, against a state machine after conlleval's own, and against examples by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfloop.tasks.tag.entities import are_entities, entities, entity_f1

TAGS = st.lists(st.sampled_from(["O", *(f"{part}-{kind}" for part in "BIES" for kind in ("X", "Y"))]), max_size=12)


def counts_of_conlleval(truth: list[str], answers: list[str]) -> tuple[int, int, int]:
    """Entities in the truth, in the answers, and in both: one walk over both at once, as conlleval.pl does it."""

    def parts(tag: str) -> tuple[str, str]:
        return ("O", "") if tag == "O" else (tag.split("-", 1)[0], tag.split("-", 1)[1])

    def ends(a: tuple[str, str], b: tuple[str, str]) -> bool:
        pairs = {"BB", "BS", "BO", "IB", "IS", "IO", "EE", "EI", "EO", "EB", "ES", "SE", "SI", "SO", "SB", "SS"}
        return a[0] + b[0] in pairs or (a[0] != "O" and a[1] != b[1])

    def begins(a: tuple[str, str], b: tuple[str, str]) -> bool:
        pairs = {"BB", "IB", "OB", "EB", "SB", "BS", "IS", "OS", "ES", "SS", "EE", "EI", "SE", "SI", "OE", "OI"}
        return a[0] + b[0] in pairs or (b[0] != "O" and a[1] != b[1])

    there = said = right = 0
    open_ = False
    was = is_ = ("O", "")
    for one, other in [*zip(truth, answers, strict=True), ("O", "O")]:
        a, b = parts(one), parts(other)
        end_a, end_b = ends(was, a), ends(is_, b)
        if open_ and (end_a or end_b):
            right += end_a and end_b
            open_ = False
        start_a, start_b = begins(was, a), begins(is_, b)
        if start_a and start_b and a[1] == b[1]:
            open_ = True
        there, said = there + start_a, said + start_b
        was, is_ = a, b
    return there, said, right


@given(TAGS, st.data())
def test_counts_are_those_of_one_walk_over_both(truth: list[str], data: st.DataObject) -> None:
    change = st.one_of(st.none(), st.sampled_from(["O", "B-X", "I-X", "I-Y", "E-X", "S-Y"]))
    answers = [data.draw(change) or tag for tag in truth]
    there, said, right = counts_of_conlleval(truth, answers)
    found = entities(truth), entities(answers)
    assert (len(found[0]), len(found[1]), len(found[0] & found[1])) == (there, said, right)
    expected = 2 * right / (there + said) if right else 0.0
    assert entity_f1([truth], [answers]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O I-X I-X O", {(1, 3, "X")}),
        ("B-X I-Y I-Y", {(0, 1, "X"), (1, 3, "Y")}),
        ("B-X B-X I-X", {(0, 1, "X"), (1, 3, "X")}),
        ("S-X E-X I-X E-X", {(0, 1, "X"), (1, 2, "X"), (2, 4, "X")}),
        ("B-X I-X E-X", {(0, 3, "X")}),
        ("O O", set()),
        ("", set()),
        ("I-X", {(0, 1, "X")}),
        ("B-a-b I-a-b", {(0, 2, "a-b")}),
    ],
)
def test_entities_by_hand(tags: str, expected: set[tuple[int, int, str]]) -> None:
    assert entities(tags.split()) == expected


def test_an_entity_does_not_go_on_from_one_sequence_to_the_next() -> None:
    truth = [["B-X"], ["I-X"]]
    assert entity_f1(truth, [["B-X"], ["B-X"]]) == 1.0
    assert entity_f1([["B-X", "I-X"]], [["B-X", "B-X"]]) == 0.0


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("B-X", "I-X", "O"), True), (("I-PER", "O"), True), (("B-X", "E-X", "I-X", "O", "S-X"), True),
        (("NOUN", "VERB"), False), (("O",), False), (("B-X", "NOUN"), False), (("E-1", "O"), False),
        (("B-", "O"), False), (("O", "X-B"), False),
    ],
)  # fmt: skip
def test_which_labels_are_parts_of_entities(classes: tuple[str, ...], expected: bool) -> None:
    assert are_entities(classes) is expected
