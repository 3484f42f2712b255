#!/usr/bin/env python3
"""Compares two Debian root file systems by `packlist diff` and by dpkg's own tools, and tells where they disagree.

    mmdebstrap --variant=minbase bookworm old http://deb.debian.org/debian
    mmdebstrap --variant=minbase bookworm new http://deb.debian.org/debian \\
        "deb http://deb.debian.org/debian-security bookworm-security main"
    python3 tests/drift_as_dpkg.py old new

`PACKLIST` names the program, target/release/packlist unless said otherwise. Exit code 1 when they disagree.
"""

import json
import os
import subprocess
import sys


def installed(root):
    listed = subprocess.run(
        ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f=${db:Status-Abbrev}|${Package}|${Version}\n"],
        check=True, capture_output=True, text=True).stdout
    rows = [line.split("|") for line in listed.splitlines()]
    return {name: version for status, name, version in rows if status.startswith("ii")}


def older(a, b):
    return subprocess.run(["dpkg", "--compare-versions", a, "lt", b], check=False).returncode == 0


def by_dpkg(old, new):
    changes = {("removed", name) for name in old.keys() - new.keys()} | {("added", name) for name in new.keys() - old.keys()}
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            changes.add(("raised" if older(old[name], new[name]) else "lowered", name))
    return changes


KINDS = {"added": "added", "removed": "removed", "upgraded": "raised", "rebuilt": "raised", "downgraded": "lowered"}


def by_packlist(old, new):
    program = os.environ.get("PACKLIST", "target/release/packlist")
    told = subprocess.run([program, "diff", old, new, "-o", "json"], check=True, capture_output=True, text=True).stdout
    changes = set()
    for change in json.loads(told)["changes"]:
        if not change["package"].startswith("pkg:deb/") or "inside" in change:
            continue
        if change["kind"] == "renamed":
            # One package under two names is two packages to dpkg.
            changes |= {("removed", change["from"].split()[0]), ("added", change["to"].split()[0])}
        elif change["kind"] in KINDS and change.get("old", {}).get("version") != change.get("new", {}).get("version"):
            changes.add((KINDS[change["kind"]], change["name"]))
    return changes


def main():
    old, new = sys.argv[1:3]
    first, second = installed(old), installed(new)
    expected, told = by_dpkg(first, second), by_packlist(old, new)
    # What was built into a package from another's source is no installed package.
    found = {(kind, name) for kind, name in told if name in first or name in second}
    for title, rows in (("only dpkg says", expected - found), ("only packlist says", found - expected)):
        for kind, name in sorted(rows):
            print(f"{title}: {name} {kind} ({first.get(name)} → {second.get(name)})")
    print(f"{len(first)} and {len(second)} packages, {len(expected)} changes by dpkg, {len(found)} by packlist, "
          f"{len(expected & found)} alike; {len(told - found)} more of packages that are built in")
    return int(expected != found)


if __name__ == "__main__":
    sys.exit(main())
