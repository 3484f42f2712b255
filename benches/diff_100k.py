#!/usr/bin/env python3
"""Measures `packlist diff` of two SBOMs of 100,000 components each: seconds and megabytes, worst of three runs.

    cargo build --release && python3 benches/diff_100k.py

The aim is less than 2 s. One in ten packages is upgraded, one in a hundred is new, one in a hundred gone, one in fifty has
another licence; some have several versions. The pair is compared as CycloneDX, as SPDX, and one against the other.

2026-11-21, two cores of an AMD EPYC with nothing else on them: 1.03 to 1.13 s of the clock, 385 MB at most.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time

COMPONENTS = 100_000
LICENSES = ["MIT", "Apache-2.0", "ISC", "BSD-3-Clause", "GPL-2.0-or-later", "MIT OR Apache-2.0"]
TYPES = [("npm", "", ""), ("pypi", "", ""), ("deb", "debian/", "?arch=amd64&distro=debian-12"), ("maven", "org.example/", "")]


def package(index: int, newer: bool):
    if index % 100 == (1 if newer else 2):
        return None
    ty, namespace, qualifiers = TYPES[index % len(TYPES)]
    # One in twenty is another version of its neighbour.
    name = f"package-{index - index % 4 - 4 * (index % 20 < 4) + index % 4}"
    version = f"1.{index % 7 + 1}.{index % 13}" + ("-1" if ty == "deb" else "")
    if newer and index % 10 == 0:
        version = "2." + version[2:]
    licence = LICENSES[(index + (newer and index % 50 == 0)) % len(LICENSES)]
    return name, version, f"pkg:{ty}/{namespace}{name}@{version}{qualifiers}", licence, f"{index + newer * (index % 10 == 0):064x}"


def cyclonedx(packages) -> dict:
    components = [
        {"type": "library", "bom-ref": f"{at}", "name": name, "version": version, "purl": purl,
         "licenses": [{"expression": licence}], "hashes": [{"alg": "SHA-256", "content": digest}]}
        for at, (name, version, purl, licence, digest) in enumerate(packages)
    ]
    dependencies = [{"ref": f"{at}", "dependsOn": [f"{at + 1}", f"{at + 2}"]} for at in range(len(components) - 2)]
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components,
            "metadata": {"tools": {"components": [{"type": "application", "name": "made"}]}}, "dependencies": dependencies}


def spdx(packages) -> dict:
    made = [
        {"SPDXID": f"SPDXRef-{at}", "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
         "licenseDeclared": licence, "licenseConcluded": "NOASSERTION", "filesAnalyzed": False,
         "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
         "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}]}
        for at, (name, version, purl, licence, digest) in enumerate(packages)
    ]
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-0"}]
    relations += [{"spdxElementId": f"SPDXRef-{at}", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": f"SPDXRef-{at + 1}"}
                  for at in range(len(made) - 1)]
    return {"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "made", "dataLicense": "CC0-1.0",
            "documentNamespace": "https://example.org/made", "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: made"]},
            "packages": made, "relationships": relations}


def main() -> int:
    program = os.environ.get("PACKLIST", "target/release/packlist")
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for newer in (False, True):
            packages = [made for made in (package(index, newer) for index in range(COMPONENTS)) if made]
            for name, write in (("cdx", cyclonedx), ("spdx", spdx)):
                paths[name, newer] = os.path.join(folder, f"{'new' if newer else 'old'}.{name}.json")
                with open(paths[name, newer], "w", encoding="utf-8") as file:
                    json.dump(write(packages), file)
        for old, new in (("cdx", "cdx"), ("spdx", "spdx"), ("cdx", "spdx")):
            wall = cpu = 0.0
            for _ in range(3):
                begin, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
                done = subprocess.run([program, "diff", paths[old, False], paths[new, True], "-ojson=" + os.path.join(folder, "drift")], check=False)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                wall = max(wall, time.monotonic() - begin)
                cpu = max(cpu, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime)
                if done.returncode != 0:
                    return 1
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            with open(os.path.join(folder, "drift"), encoding="utf-8") as file:
                summary = json.load(file)["summary"]
            print(f"{old} against {new}: {wall:5.2f} s, {cpu:5.2f} s of CPU, {peak:4.0f} MB at most so far; {summary}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
