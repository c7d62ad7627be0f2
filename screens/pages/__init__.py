"""The pages: one function each, from a journey's model to a `Screen`. No page knows a device, a clock or a pixel."""

from screens.pages.acting import agreed, for_whom, organisations
from screens.pages.cases import case_page, cases, rating_tags
from screens.pages.done import finish, leave, not_done, receipt, settled, working
from screens.pages.entering import address, choose_from, code_field, entries, writing
from screens.pages.entry import closed, standby, still_there
from screens.pages.fees import bill_none, bills, fee_changed
from screens.pages.filling import form, pay, review
from screens.pages.finding import field_page, fields, guide, guide_printed, home
from screens.pages.handing import (
    draft_found,
    draft_keep,
    materials,
    precheck,
    queued,
    uploading,
)
from screens.pages.identity import consent, face, face_challenge, number_match, place_card
from screens.pages.paying import pay_code, pay_method, pay_phone, pay_scan
from screens.pages.photo import photo, photo_guide, photo_review
from screens.pages.pin import pin_entry
from screens.pages.proving import hand_over, officer_wait, other_ways, phone_code, phone_qr, signed_in, type_number
from screens.pages.results import collect, copy_offer, help_asked, phone_link, result, ticket
from screens.pages.scanning import scan_kept, scan_page, scan_read
from screens.pages.searching import found, search
from screens.pages.signing import sign, sign_other
from screens.pages.technician import maintenance
from screens.pages.verifying import code_verdict, show_code

__all__ = [
    "address",
    "agreed",
    "bill_none",
    "bills",
    "case_page",
    "cases",
    "choose_from",
    "closed",
    "code_field",
    "code_verdict",
    "collect",
    "consent",
    "copy_offer",
    "draft_found",
    "draft_keep",
    "entries",
    "face",
    "face_challenge",
    "fee_changed",
    "field_page",
    "fields",
    "finish",
    "for_whom",
    "form",
    "found",
    "guide",
    "guide_printed",
    "hand_over",
    "help_asked",
    "home",
    "leave",
    "maintenance",
    "materials",
    "not_done",
    "number_match",
    "officer_wait",
    "organisations",
    "other_ways",
    "pay",
    "pay_code",
    "pay_method",
    "pay_phone",
    "pay_scan",
    "phone_code",
    "phone_link",
    "phone_qr",
    "photo",
    "photo_guide",
    "photo_review",
    "pin_entry",
    "place_card",
    "precheck",
    "queued",
    "rating_tags",
    "receipt",
    "result",
    "review",
    "scan_kept",
    "scan_page",
    "scan_read",
    "search",
    "settled",
    "show_code",
    "sign",
    "sign_other",
    "signed_in",
    "standby",
    "still_there",
    "ticket",
    "type_number",
    "uploading",
    "working",
    "writing",
]
