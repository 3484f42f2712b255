#!/usr/bin/env python3
"""Measures how long reading a very large SBOM takes, and how much memory: the best of five runs.

    cargo build --release --examples && python3 benches/read_large.py [FOLDER]

The documents are shaped like what Syft writes of a developer's whole disk: 71,000 packages, for CycloneDX in 87 MB, for
SPDX with 96,000 files in 210 MB, and the same packages as Syft's own JSON and as SPDX 3. They are made anew for each
run, or kept in FOLDER. Seconds are those of the processor, user and system together, which a busy machine disturbs
less than those of the clock; megabytes are the largest resident set. The aim: CycloneDX in 0.4 s and 100 MB, SPDX in 1 s.
"""

import json
import os
import subprocess
import sys
import tempfile

PACKAGES = 71_000
FILES = 96_000
LICENSES = ["MIT", "MIT", "MIT", "ISC", "Apache-2.0", "BSD-3-Clause", "MIT OR Apache-2.0", "GPL-2.0-or-later", "", ""]
TYPES = [
    ("npm", "", "javascript", "javascript-package-cataloger", "usr/lib/node_modules/tool-{}/node_modules/package-{}/package.json"),
    ("npm", "%40scope/", "javascript", "javascript-lock-cataloger", "home/user/projects/number-{}/package-lock.json"),
    ("cargo", "", "rust", "rust-cargo-lock-cataloger", "home/user/projects/number-{}/Cargo.lock"),
    ("pypi", "", "python", "python-installed-package-cataloger", "usr/lib/python3/dist-packages/package_{}-1.0.dist-info/METADATA"),
    ("golang", "github.com/owner/", "go", "go-module-binary-cataloger", "usr/local/bin/program-{}"),
    ("deb", "debian/", "", "dpkg-db-cataloger", "var/lib/dpkg/status"),
]


class Package:
    def __init__(self, index: int):
        self.index = index
        self.type, self.namespace, self.language, self.found_by, place = TYPES[index % len(TYPES)]
        self.name = f"package-{index}"
        self.version = f"{index % 9}.{index % 23}.{index % 31}"
        self.purl = f"pkg:{self.type}/{self.namespace}{self.name}@{self.version}"
        if self.type == "deb":
            self.purl += "?arch=amd64&distro=debian-12"
        self.id = f"{index * 0x9E3779B97F4A7C15 % 2**64:016x}"
        self.place = "/" + place.format(index % 997, index)
        self.license = LICENSES[index // 6 % len(LICENSES)]
        vendors = [self.name, self.name.replace("-", "_"), "package", "owner", self.type]
        self.cpes = [f"cpe:2.3:a:{vendor}:{self.name}:{self.version}:*:*:*:*:*:*:*" for vendor in vendors]
        self.sha1 = f"{index * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**160:040x}"

    def needs(self) -> list[int]:
        return [at for at in (self.index * 7 + 1, self.index + 11) if at < PACKAGES and self.index % 3 != 2]


def cyclonedx(packages: list[Package]) -> dict:
    def reference(package: Package) -> str:
        return f"{package.purl}{'&' if '?' in package.purl else '?'}package-id={package.id}"

    def component(package: Package) -> dict:
        made = {"bom-ref": reference(package), "type": "library", "name": package.name, "version": package.version}
        if package.license:
            kind = "expression" if " " in package.license else "id"
            made["licenses"] = [{"expression": package.license} if kind == "expression" else {"license": {"id": package.license}}]
        made["cpe"], made["purl"] = package.cpes[0], package.purl
        if package.type in ("npm", "deb", "pypi"):
            made["description"] = f"What {package.name} is good for, in a sentence of usual length"
        if package.type == "npm":
            made["author"] = f"Author of {package.name} <author@example.org>"
            made["externalReferences"] = [{"url": f"https://github.com/owner/{package.name}.git", "type": "distribution"},
                                          {"url": f"https://example.org/{package.name}#readme", "type": "website"}]
        if package.type == "cargo":
            made["hashes"] = [{"alg": "SHA-256", "content": package.sha1 + package.sha1[:24]}]
        said = [("syft:package:foundBy", package.found_by), ("syft:package:language", package.language),
                ("syft:package:type", package.type), ("syft:package:metadataType", f"{package.type}-entry"),
                *(("syft:cpe23", cpe) for cpe in package.cpes[1:]), ("syft:location:0:path", package.place)]
        made["properties"] = [{"name": name, "value": value} for name, value in said if value]
        return made

    dependencies = [{"ref": reference(package), "dependsOn": [reference(packages[at]) for at in package.needs()]}
                    for package in packages if package.needs()]
    return {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
            "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1,
            "metadata": {"timestamp": "2026-01-01T00:00:00Z",
                         "tools": {"components": [{"type": "application", "author": "anchore", "name": "syft", "version": "1.18.1"}]},
                         "component": {"bom-ref": "af63bd4c8601b7f1", "type": "file", "name": "/"}},
            "components": [component(package) for package in packages], "dependencies": dependencies}


def spdx(packages: list[Package]) -> dict:
    def reference(package: Package) -> str:
        return f"SPDXRef-Package-{package.type}-{package.name}-{package.id}"

    def listed(package: Package) -> dict:
        licence = package.license or "NOASSERTION"
        return {
            "name": package.name, "SPDXID": reference(package), "versionInfo": package.version,
            "supplier": "NOASSERTION", "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "sourceInfo": f"acquired package info from the following paths: {package.place}",
            "licenseConcluded": "NOASSERTION", "licenseDeclared": licence, "copyrightText": "NOASSERTION",
            "externalRefs": [{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": cpe}
                             for cpe in package.cpes]
            + [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": package.purl}],
        }

    def file(index: int) -> dict:
        return {"fileName": f"/usr/share/folder-{index % 4111}/subfolder/file-{index}.txt", "SPDXID": f"SPDXRef-File-folder-{index}",
                "fileTypes": ["TEXT"],
                "checksums": [{"algorithm": name, "checksumValue": f"{index:0{length}x}"}
                              for name, length in (("SHA1", 40), ("SHA256", 64), ("SHA512", 128), ("MD5", 32))],
                "licenseConcluded": "NOASSERTION", "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION",
                "comment": "layerID: sha256:5d4427064ecc0f86b28f9d1b3bd8b1bbbdcce4b6b1f1d4b5a6a0be4a0f4f9dd3"}

    def relationship(one: str, kind: str, other: str) -> dict:
        return {"spdxElementId": one, "relatedSpdxElement": other, "relationshipType": kind}

    root = "SPDXRef-DocumentRoot-Directory-root"
    relationships = [relationship(root, "CONTAINS", reference(package)) for package in packages]
    relationships += [relationship(reference(package), "OTHER", f"SPDXRef-File-folder-{package.index}")
                      | {"comment": "evident-by: indicates the package's existence is evident by the given file"}
                      for package in packages]
    relationships += [relationship(reference(packages[at]), "DEPENDENCY_OF", reference(package))
                      for package in packages for at in package.needs()]
    relationships += [relationship(reference(packages[at % PACKAGES]), "CONTAINS", f"SPDXRef-File-folder-{at}")
                      for at in range(FILES)]
    relationships.append(relationship("SPDXRef-DOCUMENT", "DESCRIBES", root))
    described = {"name": "/", "SPDXID": root, "supplier": "NOASSERTION", "downloadLocation": "NOASSERTION",
                 "filesAnalyzed": False, "primaryPackagePurpose": "FILE"}
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "/",
            "documentNamespace": "https://example.org/syft/dir/3e671687",
            "creationInfo": {"licenseListVersion": "3.25", "creators": ["Organization: Anchore, Inc", "Tool: syft-1.18.1"],
                             "created": "2026-01-01T00:00:00Z"},
            "packages": [listed(package) for package in packages] + [described],
            "files": [file(index) for index in range(FILES)], "relationships": relationships}


def spdx3(packages: list[Package]) -> dict:
    def element(kind: str, part: str, **said) -> dict:
        return {"type": kind, "spdxId": f"https://example.org/doc#{part}", "creationInfo": "_:made"} | said

    graph = [{"type": "CreationInfo", "@id": "_:made", "specVersion": "3.0.1", "created": "2026-01-01T00:00:00Z",
              "createdBy": ["https://example.org/doc#maker"]}, element("Organization", "maker", name="Example")]
    for package in packages:
        graph.append(element(
            "software_Package", package.id, name=package.name, software_packageVersion=package.version,
            software_packageUrl=package.purl, software_primaryPurpose="library",
            externalIdentifier=[{"type": "ExternalIdentifier", "externalIdentifierType": "cpe23", "identifier": cpe}
                                for cpe in package.cpes]))
        needed = [f"https://example.org/doc#{packages[at].id}" for at in package.needs()]
        if needed:
            graph.append(element("Relationship", f"needs-{package.id}", relationshipType="dependsOn", to=needed,
                                 **{"from": f"https://example.org/doc#{package.id}"}))
    graph.append(element("SpdxDocument", "document", name="large", rootElement=[f"https://example.org/doc#{packages[0].id}"]))
    return {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": graph}


def syft(packages: list[Package]) -> dict:
    def artifact(package: Package) -> dict:
        licences = [{"value": package.license, "spdxExpression": package.license, "type": "declared", "urls": [], "locations": []}]
        return {"id": package.id, "name": package.name, "version": package.version, "type": package.type,
                "foundBy": package.found_by, "locations": [{"path": package.place, "accessPath": package.place,
                                                            "annotations": {"evidence": "primary"}}],
                "licenses": licences if package.license else [], "language": package.language,
                "cpes": [{"cpe": cpe, "source": "syft-generated"} for cpe in package.cpes], "purl": package.purl,
                "metadataType": f"{package.type}-entry", "metadata": {"integrity": package.sha1, "dependencies": {}}}

    return {"artifacts": [artifact(package) for package in packages],
            "artifactRelationships": [{"parent": packages[at].id, "child": package.id, "type": "dependency-of"}
                                      for package in packages for at in package.needs()],
            "files": [{"id": f"{index:016x}", "location": {"path": f"/usr/share/folder/file-{index}"},
                       "digests": [{"algorithm": "sha256", "value": f"{index:064x}"}]} for index in range(FILES)],
            "source": {"id": "x", "name": "/", "version": "", "type": "directory", "metadata": {"path": "/"}}, "distro": {},
            "descriptor": {"name": "syft", "version": "1.18.1"},
            "schema": {"version": "16.0.24", "url": "https://raw.githubusercontent.com/anchore/syft/main/schema/json/schema-16.0.24.json"}}


DOCUMENTS = {"large.cdx.json": cyclonedx, "large.spdx.json": spdx, "large.spdx3.json": spdx3, "large.syft.json": syft}


def make(name: str, path: str) -> None:
    document = DOCUMENTS[name]([Package(index) for index in range(PACKAGES)])
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, separators=(",", ":"))


def best(command: list[str]) -> tuple[float, float]:
    """Seconds of the processor, and megabytes."""
    runs = []
    for _ in range(5):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
        if status:
            raise SystemExit(f"{command} failed")
        runs.append((used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
    return min(seconds for seconds, _ in runs), max(megabytes for _, megabytes in runs)


def main() -> int:
    program = os.environ.get("READER", "target/release/examples/read")
    with tempfile.TemporaryDirectory() as passing:
        folder = sys.argv[1] if len(sys.argv) > 1 else passing
        for name in DOCUMENTS:
            path = os.path.join(folder, name)
            if not os.path.exists(path):
                # In a process of its own: what is started from a large one counts its memory as its own.
                subprocess.run([sys.executable, __file__, "--make", name, path], check=True)
            seconds, megabytes = best([program, path])
            print(f"{name:<18} {os.path.getsize(path) / 1e6:4.0f} MB  {seconds:5.2f} s  {megabytes:4.0f} MB resident")
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make"]:
        make(*sys.argv[2:])
    else:
        sys.exit(main())
