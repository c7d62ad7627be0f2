"""The pages: one function each, from a journey's model to a `Screen`. No page knows a device, a clock or a pixel."""

from screens.pages.done import finish, leave, not_done, receipt, settled, working
from screens.pages.entry import closed, standby, still_there
from screens.pages.filling import form, pay, review
from screens.pages.finding import field_page, guide, home
from screens.pages.identity import consent, face, face_challenge, number_match, place_card
from screens.pages.paying import pay_code, pay_method, pay_phone, pay_scan
from screens.pages.photo import photo, photo_guide, photo_review
from screens.pages.scanning import scan_kept, scan_page, scan_read
from screens.pages.verifying import code_verdict, show_code

__all__ = [
    "closed",
    "code_verdict",
    "consent",
    "face",
    "face_challenge",
    "field_page",
    "finish",
    "form",
    "guide",
    "home",
    "leave",
    "not_done",
    "number_match",
    "pay",
    "pay_code",
    "pay_method",
    "pay_phone",
    "pay_scan",
    "photo",
    "photo_guide",
    "photo_review",
    "place_card",
    "receipt",
    "review",
    "scan_kept",
    "scan_page",
    "scan_read",
    "settled",
    "show_code",
    "standby",
    "still_there",
    "working",
]
