"""What the terminal remembers over a power cut: a hash chain of entries, intents, and an outbox, in one SQLite file.

One writer thread; WAL with `synchronous=FULL`; every write is one `BEGIN IMMEDIATE` transaction that is on disk when
the call returns. Entries hold references and keyed digests, never personal data; outbox bodies are sealed.
"""

from kiosk.journal.chain import GENESIS, MAX_BODY_BYTES, JournalError, Verdict, Walk, canonical, chain_hash
from kiosk.journal.file import verify_file
from kiosk.journal.store import Journal
from kiosk.journal.writing import MAX_OUTBOX_ROWS, Row, Write

__all__ = [
    "GENESIS",
    "MAX_BODY_BYTES",
    "MAX_OUTBOX_ROWS",
    "Journal",
    "JournalError",
    "Row",
    "Verdict",
    "Walk",
    "Write",
    "canonical",
    "chain_hash",
    "verify_file",
]
