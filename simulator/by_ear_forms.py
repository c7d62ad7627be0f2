"""How a citizen who sees nothing fills in a form: what is asked is heard, answered with the keypad, and OK leads on."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config.keypad_letters import LETTERS
from config.service import Service
from config.service_form import FormFieldSpec
from config.spoken import sentences
from simulator.answers import answer_for, numbered
from simulator.filling_in import LETTERS as A_PLACE
from simulator.filling_in import NUMBERS
from simulator.hearing import Ear, NotFound, Said, after, begins

FIRST_FEW = 3
"""Which of so many offers is taken differs from errand to errand."""
MOST_LETTER_KEYS = 60
TRIES = 4
WAYS = ("digits", "idno", "money", "letters", "listen", "words")


class EarForms:
    """The form of `service`. `show_code` holds a code to the camera ("" takes it away)."""

    def __init__(
        self,
        service: Service,
        ear: Ear,
        show_code: Callable[[str], None],
        *,
        answers: Mapping[str, str] | None = None,
        turn: int = 0,
    ) -> None:
        self.specs = list(service.form)
        self.ear = ear
        self.show_code = show_code
        self.answers = dict(answers or {})
        self.turn = turn
        self.asked: FormFieldSpec | None = None
        self.how: Said = ()
        """What was said of how it is answered, and what OK does."""
        self.does = ""
        self._tried: dict[str, int] = {}
        self._letters = False
        self._up = ""
        """Which keys of the keyboard for words are up, where it was not the first."""

    def told(self, said: Said, *, new_page: bool) -> None:
        """A sentence of a page of the form: what is asked now, and what OK does."""
        ear = self.ear
        if new_page:
            self._letters, self._up = False, ""
        if asked := after(said, ear.language, "speech.now"):
            self.how = asked
            # A page of one field has its name in the title: it is not said twice.
            self.asked = self._spec(asked) or self.asked
        if following := after(said, ear.language, "speech.ok-does"):
            self.does = following[0]
        elif new_page:
            self.does = ""

    def _spec(self, asked: Said) -> FormFieldSpec | None:
        found = [s for s in self.specs if begins(asked, s.label.get(self.ear.language))]
        return next((s for s in found if s.key not in self._tried), found[0] if found else None)

    async def act(self, cue: str, page: Said) -> None:
        """What is to be done on the page that was recognised as `cue`. Raises `NotFound`."""
        ear = self.ear
        match cue:
            case "form":
                self.show_code("")
                await self._form()
            case "address" | "choose_one":
                await self._one_of(page)
            case "choose_many":
                await self._one_of(page)
                await ear.choose(ear.words("entering.done"))
            case "entries" if begins((self.does,), ear.words("entering.done")):
                await ear.press("ok")
            case "entries":
                await ear.choose(ear.words("entering.add"))
            case "code_field":
                if self.asked is not None:
                    self.show_code(self.answers.get(self.asked.key) or answer_for(self.asked))
            case _:
                await self._write()

    async def _form(self) -> None:
        ear = self.ear
        if begins((self.does,), ear.words("form.next")) and not await self._optional():
            await ear.press("ok")
            return
        spec = self.asked
        if spec is None or begins((self.does,), ear.words("form.next")):
            return
        self._tried[spec.key] = self._tried.get(spec.key, 0) + 1
        if self._tried[spec.key] > TRIES:
            raise NotFound(f"{spec.key} is asked for again and again: {self.how}")
        if begins((self.does,), ear.words("form.open")):
            await ear.press("ok")
        elif count := self._count():
            await self._option(spec, count)
        else:
            said = await self._type(self._text(spec))
            if not after(said, ear.language, "speech.now"):
                await ear.press("ok")

    def _count(self) -> int:
        """How many options there are, where a choice is asked for."""
        said = next((one for one in self.how if self.ear.means("speech.choices", (one,))), "")
        return int("".join(c for c in said if c.isdigit()) or 0)

    async def _optional(self) -> bool:
        """Whether there is something more that this citizen wants to say; goes there."""
        for spec in self.specs:
            if spec.key in self.answers and spec.key not in self._tried and not spec.required:
                try:
                    await self.ear.choose(spec.label.get(self.ear.language))
                except NotFound:
                    self._tried[spec.key] = 1  # not asked for here
                    continue
                return True
        return False

    async def _option(self, spec: FormFieldSpec, count: int) -> None:
        ear = self.ear
        wanted = self.answers.get(spec.key, "")
        label = next((o.label.get(ear.language) for o in spec.options if o.key == wanted), "")
        for _ in range(count if label else 1 + self.turn % count):
            said = await ear.press("right")
            if label and sentences(label)[0] in said:
                break
        await ear.press("ok")

    async def _one_of(self, page: Said) -> None:
        """Take one of the first few; where there is nothing to take, go back."""
        ear = self.ear
        if ear.means("entering.no-options", page):
            await ear.press("back")
            return
        known = [await ear.press("right") for _ in range(1 + self.turn % FIRST_FEW)]
        all_letters, bar = ear.words("entering.all"), ear.words("nav.back")
        while begins(known[-1], all_letters) or ear.means("speech.role.option", known[-1]):
            known.append(await ear.press("right"))
        if any(begins(said, bar) for said in known):
            while not begins(known[-1], bar):
                known.append(await ear.press("left"))
            known.append(await ear.press("left"))
        await ear.press("ok")

    # Typing

    def _text(self, spec: FormFieldSpec) -> str:
        return self.answers.get(spec.key) or answer_for(spec, turn=self.turn)

    async def _type(self, text: str) -> Said:
        """Type on a pad of digits or on a keyboard of letters; what was said after the last key."""
        ear = self.ear
        said: Said = ()
        for character in text:
            if character == "-":
                continue
            if self._how("listen"):
                await ear.find(character)
                said = await ear.press("ok")
            elif character.isdigit():
                said = await ear.press(*(("star",) if self._letters else ()), character)
                self._letters = False
            elif self._how("letters"):
                if not self._letters:
                    await ear.press("star")
                    self._letters = True
                said = await self._letter(character)
            else:
                said = await ear.press("star")
            if any(ear.means(f"speech.keys.{way}", said) for way in WAYS):
                self.how = said
        return said

    def _how(self, way: str) -> bool:
        return self.ear.means(f"speech.keys.{way}", self.how)

    async def _letter(self, character: str) -> Said:
        """Lead the focus to a letter with its digit, and type it."""
        ear = self.ear
        digit = next((d for d, letters in LETTERS.items() if character.lower() in letters), "")
        if not digit:
            await ear.find(character)
            return await ear.press("ok")
        for _ in range(MOST_LETTER_KEYS):
            if begins(await ear.press(digit), character):
                return await ear.press("ok")
        raise NotFound(f"no key says {character}")

    async def _write(self) -> None:
        """The page of words: letters and the first word they stand for; numbers on the layer that has them."""
        ear, spec = self.ear, self.asked
        answer = self.answers.get(spec.key, "") if spec is not None else ""
        self._up = "signs" if self._how("letters") else self._up
        if answer:
            for character in answer:
                await self._layer("signs" if character.isdigit() else "upper" if character.isupper() else "latin")
                await (ear.press(character) if character.isdigit() else self._letter(character))
        elif spec is not None and spec.max_length < 2:
            await self._layer("signs")
            await ear.press("8")
        elif spec is not None and any(mark in spec.key for mark in NUMBERS):
            await self._layer("signs")
            await ear.press(*numbered(self.turn).rjust(6, "8")[-min(6, spec.max_length) :])
        elif self._up == "signs":  # the page opens with digits where a number is wanted
            await ear.press(str((len(self._tried) - 1) % 10))
        else:
            for letter in A_PLACE:
                await self._letter(letter)
            if await ear.press("0"):
                await ear.press("ok")
        await ear.choose(ear.words("entering.done"))

    async def _layer(self, name: str) -> None:
        """Another set of keys: `1` leads to the keys that are no characters; where it is typed, `star` comes first."""
        ear = self.ear
        if self._up == name:
            return
        if self._up == "signs":
            await ear.press("star")
        for _ in range(MOST_LETTER_KEYS):
            if begins(await ear.press("1"), ear.words(f"entering.layer.{name}")):
                await ear.press("ok")
                self._up = name
                return
        raise NotFound(f"no key says {ear.words(f'entering.layer.{name}')}")
