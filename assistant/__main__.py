"""``python -m assistant``."""

import sys

from assistant.channels.command_line import main

sys.exit(main())
