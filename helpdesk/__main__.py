"""The `helpdesk` script and `python -m helpdesk`.

A read lives a tenth of a second, most of it imports: collecting cycles meanwhile, and taking every module apart at the
end, would be a tenth of that for nothing.
"""

import gc
import os
import sys

gc.set_threshold(100_000)


def main() -> None:
    """Run the command line and end the process."""
    from helpdesk.cli import app

    if sys.stdout is None:  # the caller closed it
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of this life
    try:
        app()
    except SystemExit as end:
        sys.stdout.flush()
        if sys.stderr is not None:
            sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)


if __name__ == "__main__":
    main()
