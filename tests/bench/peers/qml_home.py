"""The home page in QML on Qt Quick's software renderer: `python qml_home.py home.json`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["QT_QUICK_BACKEND"] = "software"
os.environ["QT_QPA_PLATFORM"] = "xcb"

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtQuick import QQuickView


def main() -> int:
    """Show the page until ended."""
    home = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    app = QGuiApplication(sys.argv[:1])
    added = [QFontDatabase.addApplicationFont(font) for font in home["fonts"]]
    home["face"] = QFontDatabase.applicationFontFamilies(added[0])[0]
    view = QQuickView()
    view.setFlags(view.flags() | Qt.WindowType.FramelessWindowHint)
    view.rootContext().setContextProperty("home", home)
    view.setSource(QUrl.fromLocalFile(str(Path(__file__).with_name("home.qml"))))
    view.setGeometry(0, 0, 1080, 1920)
    view.show()
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
