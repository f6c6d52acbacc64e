#!/usr/bin/env python3
"""What OGC's suite for API Features asserts, written anew from the standard's abstract tests and the suite's known ways.

    tests/clients/run ../cite/assertions.py BASE_URL

It does not replace the official suite (`tests/cite/run`): it is for places where that cannot be fetched, and goes further in a
few points (geometries of other reference systems, boxes in them). Exit status 1 if an assertion failed.
"""

import sys

import part1
import part2
from service import Ledger, Service

SHOWN = 4


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit("usage: assertions.py BASE_URL")
    service, ledger = Service(sys.argv[1]), Ledger()
    entries = part1.check(service, ledger)
    part2.check(service, ledger, entries)
    for test in sorted(ledger.passed.keys() | ledger.failed.keys() | ledger.skipped.keys()):
        failed, skipped = ledger.failed.get(test, []), ledger.skipped.get(test, [])
        print(f"assertions: {test}: {ledger.passed[test]} passed, {len(failed)} failed, {len(skipped)} skipped")
        for verdict, lines in (("FAILED", failed), ("skipped", skipped)):
            for line in lines[:SHOWN]:
                print(f"assertions:   {verdict}: {line}")
            if len(lines) > SHOWN:
                print(f"assertions:   … and {len(lines) - SHOWN} more {verdict}")
    passed, failed = sum(ledger.passed.values()), sum(map(len, ledger.failed.values()))
    print(f"assertions: {passed} passed, {failed} failed, {sum(map(len, ledger.skipped.values()))} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
