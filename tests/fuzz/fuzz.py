"""Coverage-guided fuzzing of every codec that takes bytes from outside (atheris, libFuzzer).

    python tests/fuzz/fuzz.py                     every harness, one after the other, 50 s each
    python tests/fuzz/fuzz.py --seconds 600 zvt-line ipp-messages

New inputs that reach new code are added to tests/fuzz/corpus/NAME, which is then minimised; `test_corpus.py` replays
all of them without atheris. An input that crashes, hangs (10 s) or takes 1 GiB is left in build/fuzz and named.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).parent / "corpus"
FINDS = ROOT / "build" / "fuzz"
MAX_LENGTH = 4096
MAX_FILES = 120
_ONE_RUN = "--one-run"
LIMITS = (f"-max_len={MAX_LENGTH}", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=0")


def one_run(name: str, arguments: list[str]) -> None:
    """Inside a process of its own: libFuzzer never returns."""
    sys.path.insert(0, str(ROOT))
    import logging

    import atheris

    logging.disable()  # libraries complain about every input

    with atheris.instrument_imports(include=["drivers", "config", "tomllib"]):
        from tests.fuzz.harnesses import HARNESSES
    # libFuzzer starts itself anew to minimise a corpus, through the shell, by its own name and nothing else.
    myself = shlex.join((sys.executable, __file__, _ONE_RUN, name))
    atheris.Setup([myself, *arguments], HARNESSES[name])
    atheris.Fuzz()


def libfuzzer(name: str, *arguments: str | Path) -> int:
    """Run libFuzzer on one harness; its exit code."""
    command = [sys.executable, __file__, _ONE_RUN, name, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def fuzz(name: str, seconds: int) -> bool:
    """Fuzz one harness and minimise its corpus. True when nothing was found."""
    kept, grown, finds = CORPUS / name, FINDS / name / "corpus", FINDS / name
    kept.mkdir(parents=True, exist_ok=True)
    grown.mkdir(parents=True, exist_ok=True)
    before = {path for path in finds.iterdir() if path.is_file()}
    code = libfuzzer(name, grown, kept, *LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={finds}/")
    for path in sorted({path for path in finds.iterdir() if path.is_file()} - before):
        print(f"{name}: found {path.relative_to(ROOT)}: {path.read_bytes()[:80]!r}")
    small = FINDS / f"{name}-small"
    shutil.rmtree(small, ignore_errors=True)
    small.mkdir()
    if libfuzzer(name, small, kept, grown, *LIMITS, "-set_cover_merge=1") == 0 and any(small.iterdir()):
        smallest = sorted(small.iterdir(), key=lambda path: (path.stat().st_size, path.name))[:MAX_FILES]
        shutil.rmtree(kept)
        kept.mkdir()
        for path in smallest:
            shutil.copy(path, kept / path.name)
    print(f"{name}: {len(list(kept.iterdir()))} inputs kept{'' if code == 0 else '; A FAULT WAS FOUND'}")
    return code == 0


def main() -> None:
    """Fuzz the named harnesses, or all; exit code 1 when one of them failed."""
    if sys.argv[1:2] == [_ONE_RUN]:
        one_run(sys.argv[2], sys.argv[3:])
        return
    sys.path.insert(0, str(ROOT))
    from tests.fuzz.harnesses import HARNESSES

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(HARNESSES))
    parser.add_argument("--seconds", type=int, default=50, help="for each harness")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(HARNESSES)):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(HARNESSES)}")
    good = [fuzz(name, options.seconds) for name in options.names or HARNESSES]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
