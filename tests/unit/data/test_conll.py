"""CoNLL files: sentences of words with a tag each."""

from pathlib import Path

import pytest

from fixture_types import Write
from selfloop.data import Columns, Sequences, load, load_like
from selfloop.errors import DataError
from selfloop.models.card import Card, from_text, to_text


def line(number: str, word: str, upos: str, xpos: str = "_") -> str:
    return "\t".join([number, word, word.lower(), upos, xpos, "_", "0", "root", "_", "_"]) + "\n"


DOG = (
    "# sent_id = a-1\n# text = Don't run\n"
    + line("1-2", "Don't", "_")
    + line("1", "Do", "AUX", "MD")
    + line("2", "n't", "PART")
    + line("2.1", "ghost", "X")
    + line("3", "run", "VERB", "VB")
    + "\n# text = No\n"
    + line("1", "No", "INTJ")
    + "\n\n"
)
NER = "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\nPeter NNP B-NP B-PER\n"


def words(data: Sequences) -> list[str]:
    return [data.symbols[0][int(k)] for k in data.values[:, 0]]


def tags(data: Sequences) -> list[str | None]:
    return [None if k < 0 else data.classes[k] for k in data.tags]


def test_universal_dependencies(write: Write) -> None:
    data = load(write("x.conllu", DOG))
    assert words(data) == ["Do", "n't", "run", "No"]
    assert tags(data) == ["AUX", "PART", "VERB", "INTJ"]
    assert data.classes == ("AUX", "INTJ", "PART", "VERB")
    assert (data.offsets.tolist(), data.ids, data.named, data.name) == ([0, 3, 4], ("1", "2"), False, "x")
    assert (data.channels, data.symbols, data.labels) == (("word",), (("Do", "No", "n't", "run"),), None)
    assert data.columns == Columns(id="sentence", label="upos", inputs=("word",), label_of="step", symbols=("word",))
    assert data.reading == (
        "using id=sentence, label=upos, inputs=word; ignoring lemma, xpos, deprel (name them with inputs= "
        "to use them), feats, deps, misc (not numbers); a label at each step; word has 4 symbols"
    )
    assert repr(data) == "Sequences(x: 2 of 1 to 3 steps, channels word, 4 symbols, 4 tags)"


def test_other_annotations(write: Write) -> None:
    path = write("x.conllu", DOG)
    assert tags(load(path, label="xpos")) == ["MD", None, "VB", None]
    two = load(path, inputs=("word", "lemma"))
    assert two.symbols[1] == ("do", "n't", "no", "run")
    guess = load(path, target="word")
    assert (guess.tags, guess.labels, guess.channels, words(guess)) == (
        None,
        None,
        ("word",),
        ["Do", "n't", "run", "No"],
    )
    with pytest.raises(DataError, match=r"no column 'pos', wanted as label\. Did you mean 'xpos'"):
        load(path, label="pos")
    with pytest.raises(DataError, match=r"the label column 'feats' is empty in line 4"):
        load(path, label="feats")


@pytest.mark.parametrize("name", ["x.conll", "x.bio", "x.iob", "x.iob2", "x.iobes", "x.CONLL"])
def test_entities(write: Write, name: str) -> None:
    data = load(write(name, NER))
    assert (words(data), tags(data)) == (["EU", "rejects", "Peter"], ["B-ORG", "O", "B-PER"])
    assert (data.offsets.tolist(), data.classes) == ([0, 2, 3], ("B-ORG", "B-PER", "O"))


def test_what_strangers_bring(tmp_path: Path) -> None:
    path = tmp_path / "x.bio"
    path.write_bytes(b"\xef\xbb\xbfNA\tO  \r\n-\tB-X\r\n  \r\nnull O\r\n1.5 O\r\n?\tO\r\n# O\r\n_ _\r\n")
    data = load(path)
    assert words(data) == ["NA", "-", "null", "1.5", "?", "#", "_"]
    assert data.offsets.tolist() == [0, 2, 7]
    assert data.classes == ("B-X", "O", "_")
    assert data.reading.endswith("word has 7 symbols; line ends of Windows are read as plain ones")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.conllu", "", r"x.conllu holds no token; expected one a line"),
        ("x.bio", "\n\n-DOCSTART- O\n", r"x.bio holds no token"),
        ("x.conllu", DOG + "1\tA\n", r"x.conllu, line 13 has 2 columns \('1 A'\); expected 10:"),
        ("x.conllu", "1 attorney-client NOUN\n", r"line 1 has no tabs; expected 10 columns with a tab between"),
        ("x.bio", "a O\nb x O\n", r"x.bio, line 2 has 3 columns \('b x O'\); expected 2, as the first token has"),
        ("x.bio", "word\n", r"x.bio, line 1 has 1 column \('word'\); expected 2 or more"),
    ],
)
def test_ragged_lines(write: Write, name: str, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write(name, text))


def test_tags_that_are_alike_in_each_sentence_belong_to_words(write: Write) -> None:
    data = load(write("x.bio", "a O\nb O\n\nc X\n"))
    assert (data.labels, tags(data), data.columns.label_of) == (None, ["O", "O", "X"], "step")


def test_a_file_without_tags(write: Write) -> None:
    path = write("x.conllu", line("1", "run", "_"))
    with pytest.raises(DataError, match=r"x.conllu: the label column 'upos' is empty in line 1; expected a value"):
        load(path)
    assert words(load(path, target="word")) == ["run"]


def test_others_like_the_first(write: Write) -> None:
    known = load(write("a.conllu", DOG))
    other = load_like(write("b.conllu", DOG.replace("run", "walk").replace("AUX", "_")), known)
    assert other.symbols == (("Do", "No", "n't", "run", "walk"),)
    assert words(other) == ["Do", "n't", "walk", "No"]
    assert (other.classes, tags(other)) == (known.classes, [None, "PART", "VERB", "INTJ"])
    bare = load_like(write("c.conllu", line("1", "run", "_")), known)
    assert (bare.tags, bare.labels, bare.classes, words(bare)) == (None, None, known.classes, ["run"])
    one = load_like(write("d.conllu", line("1", "run", "VERB") + line("2", "run", "VERB")), known)
    assert tags(one) == ["VERB", "VERB"]


def test_tags_of_a_test_part_alone_follow_the_known_ones(write: Write) -> None:
    known = load(write("a.conllu", DOG))
    text = line("1", "run", "NOUN") + line("2", "dog", "AUX") + line("3", "No", "ADJ")
    test = load_like(write("d.conllu", text), known)
    assert test.classes == (*known.classes, "ADJ", "NOUN")
    assert test.symbols == (("Do", "No", "n't", "run", "dog"),)
    assert (words(test), tags(test)) == (["run", "dog", "No"], ["NOUN", "AUX", "ADJ"])


def test_a_tag_that_a_model_does_not_know(write: Write) -> None:
    data = load(write("a.conllu", DOG))
    card = Card(1, "0", "tag", "lstm", "LSTM", data.columns, data.channels, data.classes)
    again = from_text(to_text(card))
    assert again.columns == data.columns
    other = load_like(write("b.conllu", line("1", "run", "AUX")), again)
    assert (other.classes, tags(other), other.symbols) == (data.classes, ["AUX"], (("run",),))
    with pytest.raises(DataError, match=r"d has the class 'NOUN'; expected only those of the first data"):
        load_like(write("d.conllu", line("1", "dog", "NOUN")), again)


def test_partut(shared_data: Path) -> None:
    path = shared_data / "en_partut-ud-dev.conllu"
    data = load(path)
    rows = [each.split("\t") for each in path.read_text().splitlines() if each[:1].isdigit()]
    rows = [row for row in rows if row[0].isdigit()]
    assert words(data) == [row[1] for row in rows]
    assert tags(data) == [None if row[3] == "_" else row[3] for row in rows]
    assert len(data) == path.read_text().count("# sent_id")
