#!/usr/bin/env python3
"""Measures packlist beside other tools on whole images, and prints medians and ratios.

    cargo build --release && cargo build --release --example floor
    python3 benches/images.py IMAGES                 builds images (or take your own)
    python3 benches/compare.py IMAGES [NAME...]

IMAGES holds a folder for each image, with any of `oci/` (an OCI layout), `save.tar` (from `docker save`) and `rootfs/`
(the files); a folder with none of these is taken for a source tree. Peers are those of syft, trivy and cdxgen that are
on PATH, or named by SYFT, TRIVY and CDXGEN.

Method. Tools take turns (A B C A B C ...), so that what else the machine does meets all of them alike; the first round
fills the page cache and does not count. Wall time is that of the clock, CPU is user and system time of the process and all
it started, memory is the largest resident set as GNU time tells it (wait4 would count this script's own memory too), and
temp is the most that ever lay in an empty TMPDIR, looked at twenty times a second. All numbers are medians of --runs.
Packages are distinct package URLs without qualifiers. `same` says whether all runs wrote the same bytes. Nothing is cached
between runs but by `packlist warm`; `packlist trusting` is --no-verify. The floor (oci only) unpacks the same layers with
zlib-rs, hashes the blobs and does nothing else.

What it cannot say: whether the lists are equally good; how it is on a cold disk; wall times on a machine that others use.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
RELEASE = os.path.join(HERE, "..", "target", "release")
FORMS = {"oci": "oci", "save": "save.tar", "rootfs": "rootfs"}
GNU_TIME = "/usr/bin/time"


class Tool:
    def __init__(self, name: str, command, forms=("oci", "save", "rootfs", "dir"), writes=True):
        self.name, self.command, self.forms, self.writes = name, command, forms, writes


def packlist(*more: str):
    program = os.environ.get("PACKLIST", os.path.join(RELEASE, "packlist"))
    scheme = {"oci": "oci", "save": "docker-archive", "rootfs": "dir", "dir": "dir"}
    return lambda form, path, out, cache: [program, "scan", f"{scheme[form]}:{path}", "-o", f"cyclonedx-json={out}",
                                           *(part.replace("{cache}", cache) for part in more)]


def syft(program: str):
    scheme = {"oci": "oci-dir", "save": "docker-archive", "rootfs": "dir", "dir": "dir"}
    return lambda form, path, out, _: [program, "scan", "-q", f"{scheme[form]}:{path}", "-o", f"cyclonedx-json={out}"]


def trivy(program: str):
    def command(form, path, out, _):
        quiet = ["--quiet", "--format", "cyclonedx", "--output", out]
        match form:
            case "oci" | "save":
                return [program, "image", *quiet, "--input", path]
            case "rootfs":
                return [program, "rootfs", *quiet, path]
            case _:
                return [program, "fs", *quiet, path]
    return command


def cdxgen(program: str):
    def command(form, path, out, _):
        kind = {"oci": ["-t", "oci-dir"], "save": ["-t", "docker"], "rootfs": ["-t", "rootfs"], "dir": ["--no-install-deps"]}
        return [program, *kind[form], "-o", out, path]
    return command


def tools(wanted: list) -> list:
    floor = os.path.join(RELEASE, "examples", "floor")
    found = [
        Tool("packlist", packlist("--no-cache")),
        Tool("packlist trusting", packlist("--no-cache", "--no-verify"), ("save",)),
        Tool("packlist warm", packlist("--cache", "{cache}"), ("oci", "save")),
        Tool("floor", lambda _form, path, _out, _cache: [floor, path], ("oci",), writes=False),
    ]
    for name, command in (("syft", syft), ("trivy", trivy), ("cdxgen", cdxgen)):
        program = os.environ.get(name.upper()) or shutil.which(name)
        if program:
            found.append(Tool(name, command(program)))
    return [tool for tool in found if not wanted or tool.name in wanted]


class Watch(threading.Thread):
    """How much lies in a folder at most, while it runs."""

    def __init__(self, folder: str):
        super().__init__(daemon=True)
        self.folder, self.most, self.over = folder, 0, threading.Event()

    def run(self):
        while True:
            self.most = max(self.most, size_of(self.folder))
            if self.over.wait(0.05):
                return

    def finish(self) -> int:
        self.over.set()
        self.join()
        return self.most


def size_of(folder: str) -> int:
    total = 0
    for base, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.lstat(os.path.join(base, file)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


class Run:
    """One run of one tool."""

    def __init__(self, command: list, work: str):
        temp = tempfile.mkdtemp(dir=work)
        told = os.path.join(work, "time")
        timed = [GNU_TIME, "-q", "-f", "%M", "-o", told] if os.path.exists(GNU_TIME) else []
        environment = dict(os.environ, TMPDIR=temp, SYFT_CHECK_FOR_APP_UPDATE="false", NO_COLOR="1")
        watch = Watch(temp)
        watch.start()
        begin = time.monotonic()
        child = subprocess.Popen(timed + command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE)
        complaint = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        self.wall = time.monotonic() - begin
        child.returncode = os.waitstatus_to_exitcode(status)
        child.stderr.close()
        self.temp = watch.finish()
        self.cpu = usage.ru_utime + usage.ru_stime
        self.memory = usage.ru_maxrss * 1024
        if timed and os.path.exists(told):
            with open(told, encoding="ascii") as file:
                self.memory = int(file.read().split()[-1]) * 1024
        self.complaint = complaint.decode(errors="replace").strip().splitlines()[-1:] if child.returncode else []
        self.failed = child.returncode != 0
        shutil.rmtree(temp, ignore_errors=True)


def packages_of(document: str) -> dict:
    """Distinct package URLs without qualifiers, counted by type."""
    with open(document, encoding="utf-8") as file:
        open_components = list(json.load(file).get("components") or [])
    found = set()
    while open_components:
        component = open_components.pop()
        open_components.extend(component.get("components") or [])
        if component.get("purl") and component.get("type") != "operating-system":
            found.add(component["purl"].split("?")[0].split("#")[0])
    counts = {}
    for purl in found:
        ty = purl.removeprefix("pkg:").split("/")[0]
        counts[ty] = counts.get(ty, 0) + 1
    return dict(sorted(counts.items()))


def measured(subject: tuple, chosen: list, runs: int, work: str) -> list:
    """A row for each tool."""
    name, form, path = subject
    taking_part = [tool for tool in chosen if form in tool.forms]
    rows = {tool.name: {"image": name, "form": form, "tool": tool.name, "runs": [], "bytes": set()} for tool in taking_part}
    cache = os.path.join(work, "cache")
    os.makedirs(cache, exist_ok=True)
    for turn in range(runs + 1):
        for tool in taking_part:
            row = rows[tool.name]
            if "failed" in row:
                continue
            out = os.path.join(work, "out.json")
            run = Run(tool.command(form, path, out, cache), work)
            if run.failed:
                row["failed"] = " ".join(run.complaint)[:100]
                continue
            if turn > 0:
                row["runs"].append(run)
            if tool.writes and os.path.exists(out):
                with open(out, "rb") as file:
                    row["bytes"].add(hash(file.read()))
                row.setdefault("packages", packages_of(out))
                os.remove(out)
    shutil.rmtree(cache)
    return [finished(row) for row in rows.values()]


def finished(row: dict) -> dict:
    runs = row.pop("runs")
    row["same"] = len(row.pop("bytes")) == 1
    for what in ("wall", "cpu", "memory", "temp"):
        row[what] = statistics.median(getattr(run, what) for run in runs) if runs else None
    row["n"] = len(runs)
    return row


def ratio(other, own) -> str:
    return f"{other / own:.1f}" if other and own else "-"


def show(rows: list) -> None:
    base = next((row for row in rows if row["tool"] == "packlist" and "failed" not in row), None)
    for row in rows:
        where = f"{row['image']:<18} {row['form']:<6} {row['tool']:<18}"
        if "failed" in row:
            print(f"{where} failed: {row['failed']}")
            continue
        packages = row.get("packages")
        counted = f"{sum(packages.values())} ({', '.join(f'{ty} {count}' for ty, count in packages.items())})" if packages else "-"
        same = ("yes" if row["same"] else "no") if packages is not None else "-"
        ratios = ""
        if base and row is not base:
            ratios = "/".join(ratio(row[what], base[what]) for what in ("wall", "cpu", "memory"))
        print(f"{where} {row['wall']:8.3f} {row['cpu']:8.3f} {row['memory'] / 1e6:8.1f} {row['temp'] / 1e6:8.1f}  {same:<4} {ratios:<16} {counted}")
    sys.stdout.flush()


def subjects(folder: str, names: list, forms: list) -> list:
    found = []
    for name in names or sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.startswith(".") or not os.path.isdir(path):
            continue
        there = [(form, os.path.join(path, part)) for form, part in FORMS.items() if os.path.exists(os.path.join(path, part))]
        for form, place in there or [("dir", path)]:
            if not forms or form in forms:
                found.append((name, form, place))
    return found


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("images")
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--forms", default="", help="oci,save,rootfs,dir")
    arguments.add_argument("--tools", default="", help='"packlist,packlist warm,packlist trusting,floor,syft,trivy,cdxgen"')
    arguments.add_argument("--json", help="where to write the numbers too")
    arguments = arguments.parse_args()
    split = lambda text: [part for part in text.split(",") if part]
    chosen = tools(split(arguments.tools))
    print(f"median of {arguments.runs}; s, s, MB, MB; ratios to packlist: wall/cpu/memory; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'image':<18} {'form':<6} {'tool':<18} {'wall':>8} {'cpu':>8} {'memory':>8} {'temp':>8}  same ratios           packages")
    everything = []
    with tempfile.TemporaryDirectory(prefix="compare-") as work:
        for subject in subjects(arguments.images, arguments.names, split(arguments.forms)):
            rows = measured(subject, chosen, arguments.runs, work)
            show(rows)
            everything.extend(rows)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(everything, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
