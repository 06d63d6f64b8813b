"""`python -m tests.strangers FOLDER` writes every database into the folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.strangers.roster import STRANGERS

parser = argparse.ArgumentParser(prog="python -m tests.strangers", description="Write the strangers' databases.")
parser.add_argument("folder", type=Path)
folder = parser.parse_args().folder
for stranger in STRANGERS:
    print(stranger.write(folder))
