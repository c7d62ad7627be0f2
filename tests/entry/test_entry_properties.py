"""Any fingers on the keys: the text stays Chinese and within its limit, nothing raises, wiping leaves nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.entry import PAGE, Composer, prepare
from kiosk.entry.lexicon import lexicon

KEYS = st.sampled_from("abcdefghijklmnopqrstuvwxyz'")
STEPS = st.one_of(
    st.tuples(st.just("key"), KEYS),
    st.tuples(st.just("keys"), st.text("aeiounghzcsjxlrb'", min_size=1, max_size=20)),
    st.tuples(st.just("choose"), st.integers(-1, 40)),
    st.tuples(st.just("backspace"), st.none()),
    st.tuples(st.just("put"), st.sampled_from(["1", "号", "\x00", "A座"])),
    st.tuples(st.just("clear"), st.none()),
)


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(["text", "name", "address"]), st.integers(1, 30), st.lists(STEPS, max_size=25))
def test_any_keys(mode: str, limit: int, steps: list[tuple[str, str | int | None]]) -> None:
    prepare()
    composer = Composer(mode, limit=limit)  # type: ignore[arg-type]  # the literals above
    for what, with_what in steps:
        before = composer.text
        match what, with_what:
            case "key", str(letter):
                composer.key(letter)
                assert composer.text == before
            case "keys", str(letters):
                for letter in letters:
                    composer.key(letter)
                assert composer.text == before
            case "choose", int(index):
                offered = composer.candidates(index // PAGE) if index >= 0 else ()
                fits = index >= 0 and index % PAGE < len(offered)
                done = composer.choose(index)
                assert done <= fits
                if done:
                    assert composer.text == before + offered[index % PAGE].text
            case "put", str(text):
                assert composer.put(text) or composer.text == before
            case "clear", _:
                composer.clear()
                assert composer.text == ""
            case _:
                composer.backspace()
        assert len(composer.text) <= limit
        assert all(c in "1号A座" or ord(c) >= 0x3400 for c in composer.text)
        for one in composer.candidates(0):
            assert one.text
            assert 1 <= one.letters <= len(composer.pending.replace("'", "")) + 60
    composer.wipe()
    assert (composer.text, composer.pending, composer.candidates(0), len(composer.learned)) == ("", "", (), 0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_word_is_a_candidate_of_its_own_reading(data: st.DataObject) -> None:
    words = lexicon()
    some = data.draw(st.sampled_from(sorted(words.full)), label="fold")
    word = data.draw(st.sampled_from(words.full[some]), label="word")
    composer = Composer("text")
    for letter in "'".join(word.said)[:60]:
        composer.key(letter)
    texts = {one.text for number in range(composer.pages) for one in composer.candidates(number)}
    assert word.text in texts
