"""The pty driver of the benchmarks is also what the terminal tests look through."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
