#!/usr/bin/env python3
"""Measures `packlist check` on an SBOM of 100,000 components, for every report: the best of five runs.

    cargo build --release && python3 benches/check_100k.py

Seconds of the clock, seconds of the processor (user and system together, which a busy machine disturbs less), and the
largest resident set. The aim is less than 1.5 s of the clock and 500 MB on two cores. Licences are those that real
lists hold most often, with choices, exceptions, references nobody knows, and nothing at all among them; half of all
components get a finding under the policy.

2026-11-21, two cores of an AMD EPYC with nothing else on them: 0.89 to 1.06 s of the clock and 236 to 262 MB for each
report, 1.40 s and 262 MB for all seven at once. Most of it is reading, on one thread.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

COMPONENTS = 100_000
RUNS = 5
FORMATS = ["human", "json", "sarif", "markdown", "junit", "gitlab", "github"]
LICENSES = [
    {"license": {"id": "MIT"}},
    {"license": {"id": "Apache-2.0"}},
    {"expression": "MIT OR Apache-2.0"},
    {"license": {"id": "ISC"}},
    {"license": {"id": "BSD-3-Clause"}},
    {"expression": "GPL-2.0-or-later WITH Classpath-exception-2.0 OR EPL-2.0"},
    {"license": {"name": "BSD"}},
    {"expression": "LGPL-2.1-or-later AND (MIT OR GPL-3.0-only)"},
    {"license": {"name": "GPLv2+ and LGPLv2+ and BSD"}},
    {"license": {"name": "see our terms of 1999"}},
    {"license": {"id": "GPL-3.0-only"}},
    None,
]
TYPES = [("npm", ""), ("pypi", ""), ("deb", "debian/"), ("maven", "org.example/")]


def component(index: int) -> dict:
    ty, namespace = TYPES[index % len(TYPES)]
    purl = f"pkg:{ty}/{namespace}package-{index}@1.{index % 7}.0"
    licence = LICENSES[index % len(LICENSES)]
    made = {
        "type": "library", "bom-ref": purl, "name": f"package-{index}", "version": f"1.{index % 7}.0", "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": f"{index:064x}"}],
    }
    if licence:
        made["licenses"] = [licence]
    return made


def measured(command: list) -> tuple:
    """Seconds of the clock, seconds of the processor and megabytes of one run, and its exit code."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode


def main() -> int:
    program = os.environ.get("PACKLIST", "target/release/packlist")
    components = [component(index) for index in range(COMPONENTS)]
    refs = [made["bom-ref"] for made in components]
    dependencies = [{"ref": ref, "dependsOn": refs[at + 1 : at + 3]} for at, ref in enumerate(refs)]
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components,
                "dependencies": dependencies}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "big.cdx.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        print(f"{COMPONENTS} components, {os.path.getsize(path) / 1e6:.0f} MB")
        for formats in [[name] for name in FORMATS] + [FORMATS]:
            wishes = [f"-o{name}={os.path.join(folder, name)}" for name in formats]
            command = [program, "check", path, "--policy", "distributed-product", "--today", "2026-11-20", *wishes]
            runs = [measured(command) for _ in range(RUNS)]
            if any(code not in (0, 1) for *_, code in runs):
                return 1
            clock, processor, memory = (min(run[at] for run in runs) for at in range(3))
            name = formats[0] if len(formats) == 1 else "all at once"
            print(f"{name:<12} {clock:5.2f} s, {processor:5.2f} s of the processor, {memory:4.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
