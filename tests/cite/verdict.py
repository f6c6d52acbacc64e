#!/usr/bin/env python3
"""Reads the newest testng-results.xml below a folder and gives a verdict: exit 0 if every test passed, else 1.

Failed tests are printed with their parameters and messages, skipped ones with their reasons: the suite skips a test whose
conformance class is not declared or whose predecessor failed, and each skip should be explained by the one or the other.
"""

import collections
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

MESSAGE_CHARACTERS = 600  # some messages quote a whole response


def newest_results(folder: Path) -> Path:
    found = sorted(folder.rglob("testng-results.xml"), key=lambda p: p.stat().st_mtime)
    if not found:
        sys.exit(f"cite: no testng-results.xml below {folder}: the suite did not run (see {folder / 'suite.log'})")
    return found[-1]


def message_of(method: ET.Element) -> str:
    exception = method.find("exception")
    if exception is None:
        return "no reason given"
    text = (exception.findtext("message") or "").strip() or exception.get("class", "")
    text = " ".join(text.split())
    return text if len(text) <= MESSAGE_CHARACTERS else text[:MESSAGE_CHARACTERS] + " …"


def parameters_of(method: ET.Element) -> str:
    values = [" ".join((v.text or "").split())[:120] for v in method.iterfind("params/param/value")]
    return f" ({', '.join(values)})" if values else ""


def main() -> int:
    if len(sys.argv) != 2:
        sys.exit("usage: verdict.py OUT_DIR")
    results = newest_results(Path(sys.argv[1]))
    counts = collections.Counter()
    by_status = collections.defaultdict(list)
    for cls in ET.parse(results).getroot().iter("class"):
        name = cls.get("name", "?").rsplit("ogcapifeatures10.", 1)[-1]
        for method in cls.iter("test-method"):
            status = method.get("status", "?")
            # Configuration methods are counted only when they fail: then the tests behind them did not run.
            if method.get("is-config") == "true" and status == "PASS":
                continue
            counts[status] += 1
            if status != "PASS":
                by_status[status].append(f"{name}.{method.get('name')}{parameters_of(method)}: {message_of(method)}")
    for status in sorted(by_status):
        print(f"cite: {status}:")
        # One fault often fails a test for every collection: the same line is printed once with its number.
        for line, times in collections.Counter(by_status[status]).items():
            print(f"cite:   {line}" + (f"  [×{times}]" if times > 1 else ""))
    failed = sum(n for status, n in counts.items() if status not in ("PASS", "SKIP"))
    print(f"cite: {results}")
    print(f"cite: {counts['PASS']} passed, {failed} failed, {counts['SKIP']} skipped")
    if counts["PASS"] == 0:
        print("cite: no test passed: that is no pass")
    return 1 if failed or counts["PASS"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
