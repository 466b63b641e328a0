"""Where the programs and the data of a run are, and how the data is made when it is missing."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from make_csv import make_csv

REPOSITORY = Path(__file__).resolve().parent.parent
INTERACTIONS_EACH = 5


class Setting(NamedTuple):
    """One run: the folder for data and results, how many customers, and whether a rough answer is enough."""

    folder: Path
    customers: int
    quick: bool

    @property
    def database(self) -> Path:
        """The big customer file. Not to be written: measure writes on a copy."""
        return self.folder / f"customers-{self.customers}.db"

    @property
    def csv(self) -> Path:
        """The file to import, with as many rows."""
        return self.folder / f"customers-{self.customers}.csv"

    @property
    def python(self) -> str:
        """The interpreter that crmtui is installed for."""
        return sys.executable

    @property
    def program(self) -> str:
        """crmtui as it is installed."""
        return str(Path(sys.executable).parent / "crmtui")

    @property
    def peers(self) -> Path:
        """The folder of the peers' programs: a venv of their own."""
        return REPOSITORY / ".bench-venv" / "bin"

    def times(self, full: int) -> int:
        """How often to repeat: ``full`` times, or a quarter of that when a rough answer is enough."""
        return max(3, full // 4) if self.quick else full

    def app(self, database: Path | None = None) -> list[str]:
        """The command that opens the app on the big file, or on another."""
        return [self.program, "--db", str(database or self.database)]

    def copy(self, name: str) -> Path:
        """A fresh copy of the big file, to be written on."""
        target = self.folder / name
        discard(target)
        shutil.copyfile(self.database, target)
        target.chmod(0o600)
        return target

    def first_rows(self, rows: int) -> Path:
        """A CSV of the first rows of the big one."""
        path = self.folder / f"customers-{rows}.csv"
        if not path.exists():
            make_csv(str(path), rows)
        return path


def warm(database: Path) -> None:
    """Read a file through, so that the system's cache holds it: what is measured is the program, not the disk."""
    with database.open("rb", buffering=0) as file:
        while file.read(1 << 24):
            pass


def discard(database: Path) -> None:
    """Remove a customer file with all that stands beside it."""
    for path in database.parent.glob(database.name + "*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def make_data(setting: Setting) -> None:
    """Make what is missing: the customer file by ``crmtui demo``, the CSV by the generator, the venv of the peers."""
    setting.folder.mkdir(parents=True, exist_ok=True)
    if not setting.database.exists():
        print(f"making {setting.database.name} …", flush=True)
        subprocess.run(
            [
                setting.program,
                "demo",
                "--no-open",
                "--customers",
                str(setting.customers),
                "--db",
                str(setting.database),
            ],
            check=True,
        )
    if not setting.csv.exists():
        print(f"making {setting.csv.name} …", flush=True)
        make_csv(str(setting.csv), setting.customers)
    if not setting.peers.exists():
        print("installing the peers …", flush=True)
        subprocess.run([setting.python, "-m", "venv", str(setting.peers.parent)], check=True)
        requirements = str(Path(__file__).with_name("requirements.txt"))
        subprocess.run([str(setting.peers / "pip"), "install", "-q", "-r", requirements], check=True)
