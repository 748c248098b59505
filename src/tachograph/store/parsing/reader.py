"""The reader process: parses the blocks on standard input until there are no more or nobody takes the answers."""

import gc
import signal
import sys

from tachograph.store.parsing import transfer
from tachograph.store.parsing.parse import parse


def main() -> int:
    """Exit status 0, also where the process that asks is gone: then there is nothing left to do."""
    # An interrupt goes to the whole terminal; the process that asks decides when this one ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Rows hold no cycles: looking for some among a block's many objects is time for nothing.
    gc.set_threshold(1_000_000)
    try:
        while True:
            transfer.send_parsed(sys.stdout.buffer, parse(transfer.receive_block(sys.stdin.buffer)))
    except (EOFError, BrokenPipeError):
        return 0


if __name__ == "__main__":
    sys.exit(main())
