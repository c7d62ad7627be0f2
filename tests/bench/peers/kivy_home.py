"""The home page in Kivy: `python kivy_home.py home.json`."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["KIVY_NO_ARGS"] = "1"
os.environ["KIVY_NO_CONSOLELOG"] = "1"
os.environ["KIVY_HOME"] = tempfile.mkdtemp(prefix="kivy-")

from kivy.config import Config

for key, value in {"width": "1080", "height": "1920", "borderless": "1", "resizable": "0"}.items():
    Config.set("graphics", key, value)
Config.set("graphics", "position", "custom")
Config.set("graphics", "left", "0")
Config.set("graphics", "top", "0")

# Kivy reads its settings when these are imported.
from kivy.app import App  # noqa: E402 - as above
from kivy.clock import Clock  # noqa: E402 - as above
from kivy.core.text import LabelBase  # noqa: E402 - as above
from kivy.core.window import Window  # noqa: E402 - as above
from kivy.graphics import Color, Ellipse, Rectangle, RoundedRectangle  # noqa: E402 - as above
from kivy.uix.label import Label  # noqa: E402 - as above
from kivy.uix.widget import Widget  # noqa: E402 - as above

INK = (0.063, 0.165, 0.227, 1)
SEA = (0.043, 0.361, 0.525)


class Tile(Widget):
    """A card with a disc and a name; lit while a finger is on it."""

    def __init__(self, name: str, x: int, top: int) -> None:
        super().__init__(pos=(x, 1920 - top - 330), size=(308, 330))
        with self.canvas:
            self.colour = Color(1, 1, 1)
            RoundedRectangle(pos=self.pos, size=self.size, radius=[24])
            Color(*SEA)
            Ellipse(pos=(x + 109, 1920 - top - 150), size=(90, 90))
        text = Label(text=name, font_name="kiosk", font_size=38, color=INK, text_size=(284, None), halign="center")
        text.center = (x + 154, 1920 - top - 230)
        self.add_widget(text)

    def on_touch_down(self, touch) -> bool:
        """Lit."""
        if self.collide_point(*touch.pos):
            self.colour.rgb = (0.749, 0.851, 0.902)
            return True
        return False

    def on_touch_up(self, touch) -> bool:
        """Calm."""
        self.colour.rgb = (1, 1, 1)
        return False


class Home(App):
    """The page."""

    def build(self) -> Widget:
        """Header, twelve tiles, footer, a clock that ticks."""
        home = json.loads(Path(sys.argv[1]).read_text("utf-8"))
        LabelBase.register("kiosk", fn_regular=home["fonts"][0], fn_bold=home["fonts"][1])
        Window.clearcolor = (0.949, 0.965, 0.973, 1)
        root = Widget(size=(1080, 1920))
        with root.canvas:
            Color(1, 1, 1)
            Rectangle(pos=(0, 1770), size=(1080, 150))
            Color(*SEA)
            Rectangle(pos=(0, 0), size=(1080, 130))
        for text, size, bold, centre in ((home["hall"], 44, True, (300, 1845)), (home["title"], 60, True, (330, 1680))):
            label = Label(text=text, font_name="kiosk", font_size=size, bold=bold, color=INK)
            label.center = centre
            root.add_widget(label)
        self.clock = Label(text="", font_name="kiosk", font_size=52, color=INK)
        self.clock.center = (930, 1845)
        root.add_widget(self.clock)
        for index, name in enumerate(home["tiles"]):
            root.add_widget(Tile(name, 48 + index % 3 * 338, 330 + index // 3 * 360))
        self.tick()
        Clock.schedule_interval(self.tick, 1)
        return root

    def tick(self, *_: float) -> None:
        """The time."""
        self.clock.text = time.strftime("%H:%M:%S")


Home().run()
