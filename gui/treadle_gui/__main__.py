"""`python -m treadle_gui [FILE]`: the app."""

import sys

from treadle_gui.app import main

if __name__ == "__main__":
    sys.exit(main())
