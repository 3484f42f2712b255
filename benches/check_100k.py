#!/usr/bin/env python3
"""Measures `packlist check` on an SBOM of 100,000 components: seconds and megabytes, worst of three runs.

    cargo build --release && python3 benches/check_100k.py

The aim is less than 1.5 s and 500 MB on two cores. Licences are those that real lists hold most often, with choices,
exceptions, references nobody knows, and nothing at all among them.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time

COMPONENTS = 100_000
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
        for formats in (["human"], ["json"], ["sarif"], ["markdown"]):
            worst = 0.0
            for _ in range(3):
                wishes = [f"-o{name}={os.path.join(folder, name)}" for name in formats]
                begin = time.monotonic()
                done = subprocess.run([program, "check", path, "--policy", "distributed-product", *wishes], check=False)
                worst = max(worst, time.monotonic() - begin)
                if done.returncode not in (0, 1):
                    return 1
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{'+'.join(formats):<10} {worst:5.2f} s, {peak:4.0f} MB at most so far")
    return 0


if __name__ == "__main__":
    sys.exit(main())
