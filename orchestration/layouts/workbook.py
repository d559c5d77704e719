"""Reads one workbook in a process of its own, run as a script by sheets.py.

Two cells in opposite corners of a sheet of a few kilobytes make calamine ask for 512 GB, and a refused allocation
ends the process without an exception. So the process that ends is this one, with its memory and time limited; it
imports nothing of the project.

Standard input: the bytes of the workbook. Argument: JSON with `sheet`, `sheets`, `memory` (bytes), `seconds`.
Standard output: a line of JSON with the `names` of all sheets and of those `read`, then an Arrow stream for each of these.
Exit code 3: not a readable workbook; the last line of standard error says why.
"""

from __future__ import annotations

import json
import re
import resource
import sys


def main() -> int:
    """Read standard input, write standard output."""
    asked = json.loads(sys.argv[1])
    for limit, most in (
        (resource.RLIMIT_AS, asked["memory"]),
        (resource.RLIMIT_CPU, asked["seconds"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    import fastexcel

    try:
        workbook = fastexcel.read_excel(sys.stdin.buffer.read())
        names = workbook.sheet_names
        if asked["sheets"] is not None:
            wanted = [name for name in names if re.search(asked["sheets"], name)]
        else:
            wanted = [name for name in names if asked["sheet"] in (None, name)][:1]
        sys.stdout.buffer.write(json.dumps({"names": names, "read": wanted}).encode() + b"\n")
        for name in wanted:
            sheet = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            sheet.to_polars().write_ipc_stream(sys.stdout.buffer)
    except fastexcel.FastExcelError as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
