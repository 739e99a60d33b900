"""Runs the calling script inside a virtual environment that holds the pinned packages, and makes it when missing."""
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = HERE / "requirements.txt"
# Written last, so that an interrupted installation is started again.
INSTALLED = VENV / "installed.txt"


def enter():
    if Path(sys.prefix) == VENV:
        return
    wanted = REQUIREMENTS.read_text()
    if not INSTALLED.exists() or INSTALLED.read_text() != wanted:
        venv.create(VENV, with_pip=True, clear=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        INSTALLED.write_text(wanted)
    os.execv(PYTHON, [PYTHON, *sys.argv])
