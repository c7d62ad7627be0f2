"""What SDL and pygame are told before they are imported; imported first by whatever opens a window."""

from __future__ import annotations

import os

os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")  # a GL texture behind X11 costs 115 MB and 7 ms a rectangle
os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
