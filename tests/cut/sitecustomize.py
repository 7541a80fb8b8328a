"""Python runs this file first in every process whose PYTHONPATH names its folder: cut the network there too."""

import os
import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "network.py"))["cut"](Path(os.environ["INCIDENTS_NETWORK_LOG"]))
