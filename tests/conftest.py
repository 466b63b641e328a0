"""The terminal of every test promises all colours, whatever runs them: the theme ``auto`` looks at it."""

import os

os.environ["TERM"], os.environ["COLORTERM"] = "xterm-256color", "truecolor"
