"""The tables: reproducible, complete, with the words that the catalogue and the divisions bring."""

import bz2
import hashlib
import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import pytest

from config import DATA
from config.catalogue import load_catalogue
from config.divisions import divisions
from kiosk.entry import Composer
from kiosk.entry.lexicon import RARE, lexicon
from kiosk.entry.local_words import local_words
from kiosk.entry.names import surnames
from kiosk.entry.syllables import Letters, folded, mismatch, spellings, split, spoken

STANDARD = (DATA / "fonts" / "standard-8105.txt").read_text(encoding="utf-8").strip()


def test_every_character_of_the_standard_can_be_typed() -> None:
    """By at least one reading, in every mode; 䶮 and 𬴂 after the common ones."""
    assert len(STANDARD) == 8105
    for mode in ("text", "name", "address"):
        found: set[str] = set()
        for syllable in spellings():
            composer = Composer(mode, text="李")  # type: ignore[arg-type]  # the literals above
            for letter in syllable:
                composer.key(letter)
            for number in range(composer.pages):
                found.update(one.text for one in composer.candidates(number))
        assert not set(STANDARD) - found, mode


@pytest.mark.parametrize(
    ("character", "reading"), [("䶮", "yan"), ("𬴂", "fei"), ("𬴊", "lin"), ("𬱖", "di"), ("頔", "di"), ("㛃", "jie")]
)
def test_rare_name_characters(character: str, reading: str) -> None:
    composer = Composer("name", text="王")
    for letter in reading:
        composer.key(letter)
    all_pages = [one.text for number in range(composer.pages) for one in composer.candidates(number)]
    assert character in all_pages
    assert not set(all_pages[:9]) - set(STANDARD)


def test_characters_outside_the_standard_come_last() -> None:
    composer = Composer("name", text="王")
    for letter in "jie":
        composer.key(letter)
    texts = [one.text for number in range(composer.pages) for one in composer.candidates(number)]
    assert "傑" in texts
    assert texts.index("傑") > texts.index("杰")


def test_words_of_the_catalogue_come_along() -> None:
    catalogue = load_catalogue()
    service = next(iter(catalogue.services.values()))
    new = service.model_copy(update={"name": service.name.model_copy(update={"zh": "海带养殖补贴申领"})})
    changed = replace(catalogue, services={**catalogue.services, service.id: new})
    assert "海带养殖补贴申领" in {word.text for word in local_words(changed)}
    assert "海带养殖补贴申领" not in {word.text for word in local_words(catalogue)}


def test_local_words_have_readings_that_can_be_typed() -> None:
    known = spellings()
    words = local_words(load_catalogue())
    assert len(words) > 800
    for word in words:
        said = word.reading.split(" ")
        assert len(said) == len(word.text)
        assert all(one in known for one in said)
    texts = {word.text for word in words}
    for division in divisions().values():
        if "(" not in division.name:
            assert division.name in texts
    assert {word.reading for word in words if word.text == "孙家疃"} == {"sun jia tuan"}


def test_surnames_have_readings_that_can_be_typed() -> None:
    known = spellings()
    assert len(surnames()) > 450
    for one in surnames():
        assert len(one.said) == len(one.text), one.text
        assert all(syllable in known for syllable in one.said), one.text


def test_given_characters_are_characters_of_the_standard() -> None:
    lines = (DATA / "entry" / "given.txt").read_text(encoding="utf-8").splitlines()
    listed = [one for line in lines if line and line[0] not in "#[" for one in line.split()]
    assert len(set(listed)) > 900
    assert not set(listed) - set(STANDARD)


def test_tables_are_the_ones_that_were_made() -> None:
    """The sha256 in the notes beside them; `make_words.py --check` makes them anew where the packages are installed."""
    notes = (DATA / "entry" / "README.md").read_text(encoding="utf-8")
    for name in ("words.txt", "rare.txt"):
        data = (DATA / "entry" / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() in notes, name
    assert (DATA / "entry" / "words.txt").stat().st_size < 1_500_000


DICTIONARY = """---
name: pinyin_simp
...
威海\twei hai\t300
威\twei\t100
海\thai\t500
㛃\tjie\t1
傑\tjie\t9
傑出\tjie chu\t9
嗯\tng\t900
一 line without tabs
"""
UNIHAN = """U+5A01\tkMandarin\twēi
U+6D77\tkMandarin\tlǚ
U+5091\tkMandarin\tlǚ
U+5A01\tkTGHZ2013\t378.010:wèi,fiáng
U+5A01\tkDefinition\tpower
"""
"""Only what the standard's characters are read besides what is known already (海 lǚ and 威 fiáng are made up)."""


def test_tables_are_made_from_dictionary_and_unihan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script over a piece of both sources; that the whole gives what is committed says `make_words.py --check`."""
    spec = importlib.util.spec_from_file_location("make_words", DATA / "entry" / "make_words.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    dictionary, unihan = tmp_path / "pinyin_simp.dict.yaml", tmp_path / "readings.bz2"
    dictionary.write_text(DICTIONARY, encoding="utf-8")
    unihan.write_bytes(bz2.compress(UNIHAN.encode()))
    monkeypatch.setattr(maker, "DICTIONARY", dictionary)
    monkeypatch.setattr(maker, "UNIHAN", unihan)
    with pytest.raises(SystemExit, match="not the file that was measured"):
        maker.tables()
    monkeypatch.setattr(maker, "DICTIONARY_SHA256", hashlib.sha256(dictionary.read_bytes()).hexdigest())
    made = maker.tables()
    assert set(made) == {"words.txt", "rare.txt"}
    words, rare = ([row for row in made[name].splitlines() if row[:1] != "#"] for name in ("words.txt", "rare.txt"))
    assert words == ["hai\t海 6", "jie\t㛃 64", "wei\t威 22", "wei hai\t威海 11"]
    assert rare == ["fiang 威", "jie 傑", "lv 海"]


def test_costs_are_in_order() -> None:
    words = lexicon()
    for some in list(words.full.values())[::97]:
        assert [word.cost for word in some] == sorted(word.cost for word in some)
    assert max(word.cost for some in words.full.values() for word in some if len(word.text) > 1) < RARE


def test_spellings_fold_like_what_they_stand_for() -> None:
    table = spellings()
    assert table["cuang"] == folded("chuang")
    assert table["lue"] == table["lve"]
    assert all(re.fullmatch(r"[a-z]{1,6}", one) for one in table)
    assert mismatch("ren", "len") == float("inf")
    assert mismatch("zen", "zheng") > mismatch("zen", "zhen") > 0 == mismatch("zhen", "zhen")


@pytest.mark.parametrize("letters", ["a", "'", "''", "zzzz", "u" * 60, "xian'", "nvlv", "gong" * 15])
def test_pieces_cover_the_letters(letters: str) -> None:
    pieces = split(Letters(letters))
    assert "".join(piece.typed for piece in pieces) == letters.replace("'", "")
    assert spoken(letters).replace("'", "") == letters.replace("'", "")
