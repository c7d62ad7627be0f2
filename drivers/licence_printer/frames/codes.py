"""IPP's numbers: tags (RFC 8010, 3.5), operations (RFC 8011, 5.4.15), status codes (appendix B), states."""

from __future__ import annotations

from enum import IntEnum


class Tag(IntEnum):
    """Delimiter tags are below 0x10, out-of-band values below 0x20, everything else carries a value."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED_GROUP = 0x05
    SUBSCRIPTION = 0x06
    EVENT = 0x07
    DOCUMENT = 0x09
    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTETS = 0x30
    DATE_TIME = 0x31
    RESOLUTION = 0x32
    RANGE = 0x33
    COLLECTION = 0x34
    TEXT_LANG = 0x35
    NAME_LANG = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME = 0x49
    MEMBER = 0x4A
    EXTENSION = 0x7F


class Operation(IntEnum):
    """Operation identifiers."""

    PRINT_JOB = 0x0002
    PRINT_URI = 0x0003
    VALIDATE_JOB = 0x0004
    CREATE_JOB = 0x0005
    SEND_DOCUMENT = 0x0006
    SEND_URI = 0x0007
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B
    HOLD_JOB = 0x000C
    RELEASE_JOB = 0x000D
    RESTART_JOB = 0x000E
    PAUSE_PRINTER = 0x0010
    RESUME_PRINTER = 0x0011
    PURGE_JOBS = 0x0012
    CANCEL_MY_JOBS = 0x0039
    CLOSE_JOB = 0x003B
    IDENTIFY_PRINTER = 0x003C


class Status(IntEnum):
    """Status codes (RFC 8011, appendix B)."""

    OK = 0x0000
    OK_IGNORED = 0x0001
    OK_CONFLICTING = 0x0002
    BAD_REQUEST = 0x0400
    FORBIDDEN = 0x0401
    NOT_AUTHENTICATED = 0x0402
    NOT_AUTHORIZED = 0x0403
    NOT_POSSIBLE = 0x0404
    TIMEOUT = 0x0405
    NOT_FOUND = 0x0406
    GONE = 0x0407
    ENTITY_TOO_LARGE = 0x0408
    VALUE_TOO_LONG = 0x0409
    FORMAT_NOT_SUPPORTED = 0x040A
    ATTRIBUTES_NOT_SUPPORTED = 0x040B
    URI_SCHEME_NOT_SUPPORTED = 0x040C
    CHARSET_NOT_SUPPORTED = 0x040D
    CONFLICTING = 0x040E
    COMPRESSION_NOT_SUPPORTED = 0x040F
    COMPRESSION_ERROR = 0x0410
    FORMAT_ERROR = 0x0411
    ACCESS_ERROR = 0x0412
    INTERNAL_ERROR = 0x0500
    OPERATION_NOT_SUPPORTED = 0x0501
    SERVICE_UNAVAILABLE = 0x0502
    VERSION_NOT_SUPPORTED = 0x0503
    DEVICE_ERROR = 0x0504
    TEMPORARY_ERROR = 0x0505
    NOT_ACCEPTING = 0x0506
    BUSY = 0x0507
    JOB_CANCELED = 0x0508
    MULTIPLE_DOCUMENTS = 0x0509


class JobState(IntEnum):
    """job-state (RFC 8011, 5.3.7)."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


class PrinterState(IntEnum):
    """printer-state (RFC 8011, 5.4.11)."""

    IDLE = 3
    PROCESSING = 4
    STOPPED = 5


JOB_TERMINAL = frozenset({JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED})
"""States that a job never leaves."""


def is_ok(status: int) -> bool:
    """True for the successful-* range, 0x0000 to 0x00FF."""
    return 0 <= status <= 0x00FF


_STATUS_NAMES = {
    Status.OK: "successful-ok",
    Status.OK_IGNORED: "successful-ok-ignored-or-substituted-attributes",
    Status.OK_CONFLICTING: "successful-ok-conflicting-attributes",
    Status.BAD_REQUEST: "client-error-bad-request",
    Status.FORBIDDEN: "client-error-forbidden",
    Status.NOT_AUTHENTICATED: "client-error-not-authenticated",
    Status.NOT_AUTHORIZED: "client-error-not-authorized",
    Status.NOT_POSSIBLE: "client-error-not-possible",
    Status.TIMEOUT: "client-error-timeout",
    Status.NOT_FOUND: "client-error-not-found",
    Status.GONE: "client-error-gone",
    Status.ENTITY_TOO_LARGE: "client-error-request-entity-too-large",
    Status.VALUE_TOO_LONG: "client-error-request-value-too-long",
    Status.FORMAT_NOT_SUPPORTED: "client-error-document-format-not-supported",
    Status.ATTRIBUTES_NOT_SUPPORTED: "client-error-attributes-or-values-not-supported",
    Status.URI_SCHEME_NOT_SUPPORTED: "client-error-uri-scheme-not-supported",
    Status.CHARSET_NOT_SUPPORTED: "client-error-charset-not-supported",
    Status.CONFLICTING: "client-error-conflicting-attributes",
    Status.COMPRESSION_NOT_SUPPORTED: "client-error-compression-not-supported",
    Status.COMPRESSION_ERROR: "client-error-compression-error",
    Status.FORMAT_ERROR: "client-error-document-format-error",
    Status.ACCESS_ERROR: "client-error-document-access-error",
    Status.INTERNAL_ERROR: "server-error-internal-error",
    Status.OPERATION_NOT_SUPPORTED: "server-error-operation-not-supported",
    Status.SERVICE_UNAVAILABLE: "server-error-service-unavailable",
    Status.VERSION_NOT_SUPPORTED: "server-error-version-not-supported",
    Status.DEVICE_ERROR: "server-error-device-error",
    Status.TEMPORARY_ERROR: "server-error-temporary-error",
    Status.NOT_ACCEPTING: "server-error-not-accepting-jobs",
    Status.BUSY: "server-error-busy",
    Status.JOB_CANCELED: "server-error-job-canceled",
    Status.MULTIPLE_DOCUMENTS: "server-error-multiple-document-jobs-not-supported",
}


def status_name(status: int) -> str:
    """The standard's keyword for a status code, or its number in hexadecimal."""
    try:
        return _STATUS_NAMES[Status(status)]
    except ValueError:
        return f"0x{status:04x}"
