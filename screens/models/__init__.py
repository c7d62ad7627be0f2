"""What each page needs to know: the journey fills one of these, a function in `screens.pages` turns it into a `Screen`.

Words that come from data (service names, fees, reasons) arrive here already in the citizen's language; words that
belong to the page itself come from `config.texts`.
"""

from screens.models.done import Finish, Leave, NotDone, Receipt, Settled, Take, Working
from screens.models.entry import Closed, Standby, StillThere
from screens.models.filling import Form, FormField, Known, Review
from screens.models.finding import FieldLine, FieldPage, Guide, Home, ServiceLine
from screens.models.identity import Consent, Face, FaceChallenge, NumberMatch, PlaceCard
from screens.models.paying import Due, Pay, PayCode, PayMethod, PayPhone, PayScan, PayWay
from screens.models.photo import PhotoGuide, PhotoTaking
from screens.models.place import Place, StepName
from screens.models.scanning import ScanKept, ScanPage, ScanRead
from screens.models.verifying import CodeVerdict, ShowCode

__all__ = [
    "Closed",
    "CodeVerdict",
    "Consent",
    "Due",
    "Face",
    "FaceChallenge",
    "FieldLine",
    "FieldPage",
    "Finish",
    "Form",
    "FormField",
    "Guide",
    "Home",
    "Known",
    "Leave",
    "NotDone",
    "NumberMatch",
    "Pay",
    "PayCode",
    "PayMethod",
    "PayPhone",
    "PayScan",
    "PayWay",
    "PhotoGuide",
    "PhotoTaking",
    "Place",
    "PlaceCard",
    "Receipt",
    "Review",
    "ScanKept",
    "ScanPage",
    "ScanRead",
    "ServiceLine",
    "Settled",
    "ShowCode",
    "Standby",
    "StepName",
    "StillThere",
    "Take",
    "Working",
]
