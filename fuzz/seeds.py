"""Makes the seeds of the fuzz targets from the fixtures of the tests: fuzz/corpus/<target>/<digest of the content>.

Texts are taken as they lie there; archives, databases and layers are made here. Nothing is fetched.
"""

import gzip
import hashlib
import io
import json
import os
import sqlite3
import struct
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PROJECT = ROOT.parent
FIXTURES = PROJECT / "tests" / "fixtures"
GOLDEN = PROJECT / "golden"
LARGEST = 100_000

# By the end of a file's path.
TEXTS = {
    "json_lockfiles": ["bun.lock", "composer.lock", "installed.json", "conan.lock", "deno.lock", "package.json",
                       "package-lock.json", "project.assets.json", "packages.lock.json", ".deps.json", "Pipfile.lock",
                       "renv.lock", "Package.resolved", "vcpkg.json"],
    "toml_lockfiles": ["Cargo.lock", "Cargo.toml", "libs.versions.toml", "Manifest.toml", "pdm.lock", "poetry.lock", "pylock.toml",
                       "uv.lock"],
    "yaml_lockfiles": ["Podfile.lock", "environment.yml", "pubspec.lock", "pnpm-lock.yaml", "snap.yaml", "yarn.lock",
                       "stack.yaml.lock"],
    "xml_manifests": ["pom.xml", "packages.config", ".csproj", ".nuspec", "verification-metadata.xml"],
    "text_databases": ["lib/apk/db/installed", "dpkg/status", "os-release", "opkg/status", "desc", "control", "PF"],
    "scripts": ["Gemfile.lock", "cabal.project.freeze", ".gemspec", "go.mod", "gradle.lockfile", ".rockspec", "mix.lock",
                ".opam", "rebar.lock", "requirements.txt", "build.sbt.lock", "setup.py", "pack.pl"],
    "installed": ["METADATA", "MANIFEST.MF", "pom.properties", "DESCRIPTION", "release", "vendor.txt"],
    "license_text": ["LICENSE", "LICENSE.txt", "COPYING", "copyright", "NOTICE"],
    "policy": [".toml"],
    "read_cyclonedx_json": [".cdx.json"],
    "read_cyclonedx_xml": [".cdx.xml"],
    "read_spdx_json": [".spdx.json"],
    "read_spdx_text": [".spdx", ".spdx.yaml", ".spdx.xml", ".rdf"],
    "read_spdx_3": [".spdx3.json", ".jsonld"],
    "read_others": [".syft.json", ".intoto.json", ".intoto.jsonl", ".att.json"],
    "versions": [],
}


def put(target: str, content: bytes) -> None:
    if len(content) > LARGEST:
        return
    folder = ROOT / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def texts() -> None:
    every = files(FIXTURES) + files(GOLDEN) + files(PROJECT / "tests" / "forms") + files(PROJECT / "policies") + files(PROJECT / "tests" / "documents")
    for target, endings in TEXTS.items():
        for path in every:
            if any(path.as_posix().endswith(ending) for ending in endings):
                put(target, path.read_bytes())
    for text in ["pkg:npm/%40scope/x@1.0?a=b#c", "pkg:deb/debian/g%2B%2B@1:2-3?arch=amd64&distro=debian-12",
                 "pkg:golang/github.com/A/b@v1.0.0#sub/x", "pkg:maven/org.x/y@1.0?type=war"]:
        put("purl", text.encode())
    for text in ["MIT OR (Apache-2.0 AND GPL-2.0-or-later WITH Classpath-exception-2.0)", "GPLv2+ and BSD",
                 "LicenseRef-x AND DocumentRef-y:LicenseRef-z", "The MIT License (MIT), see LICENSE", "GPL-1+ | Artistic"]:
        put("license_expression", text.encode())
    for text in ["1.0\n1.0.1", "1:2.0~rc1-3+b1\n2.0-1", "1.0.0-alpha.1+build\n1.0.0", "v0.0.0-20200101000000-abcdef123456\nv1.0.0",
                 "1.0.post1.dev2\n1!2.0a1", "[1.0,2.0)\n1.0-SNAPSHOT"]:
        put("versions", text.encode())
    for path in (PROJECT / "policies" / "eol").rglob("*"):
        if path.is_file():
            put("calendar", path.read_bytes()[:20_000])
    put("calendar", json.dumps({"schema_version": "1.2.0", "generated_at": "2026-11-01T00:00:00+00:00", "total": 1, "result": [
        {"name": "debian", "label": "Debian", "releases": [{"name": "12", "releaseDate": "2023-06-10", "eolFrom": "2026-06-10"}]}]}).encode())


def layer(entries: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in entries:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


def package(members: list[tuple[str, bytes]]) -> bytes:
    """An `ar` archive, as Debian's packages are."""
    whole = b"!<arch>\n"
    for name, content in members:
        whole += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode() + content + b"\n" * (len(content) % 2)
    return whole


def saved(tar: bytes) -> bytes:
    """An image of one layer, as `docker save` writes it."""
    config = json.dumps({"architecture": "amd64", "os": "linux",
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]}}).encode()
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["x:1"], "Layers": ["l.tar"]}]).encode()
    return layer([("c.json", config), ("l.tar", tar), ("manifest.json", manifest)])


def archive(entries: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries:
            made.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def database(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "database")
        opened = sqlite3.connect(path)
        opened.execute("pragma page_size = 512")
        for statement in statements:
            opened.execute(statement)
        opened.commit()
        opened.close()
        return Path(path).read_bytes()


def header() -> bytes:
    """An rpm header: name, version, release, architecture."""
    index, store = b"", b""
    for tag, text in [(1000, "bash"), (1001, "5.2"), (1002, "1.fc40"), (1022, "x86_64"), (1014, "GPL-3.0-or-later")]:
        index += struct.pack(">IIII", tag, 6, len(store), 1)
        store += text.encode() + b"\0"
    return struct.pack(">II", len(index) // 16, len(store)) + index + store


def ndb(blobs: list[bytes]) -> bytes:
    file = bytearray(b"RpmP" + struct.pack("<III", 0, 9, 1))
    file.extend(bytes(4096 - len(file)))
    for number, blob in enumerate(blobs, 1):
        struct.pack_into("<4sIII", file, (number + 1) * 16, b"Slot", number, len(file) // 16, 0)
        file += b"BlbS" + struct.pack("<III", number, 0, len(blob)) + blob
        file += bytes(-len(file) % 16)
    return bytes(file)


def bdb(blob: bytes) -> bytes:
    page = 512
    file = bytearray(2 * page)
    struct.pack_into("<I", file, 12, 0x61561)
    struct.pack_into("<I", file, 20, page)
    file[25] = 8
    items = [b"\x01\0\0\0\0", b"\x01\x02\0\0\0", b"\x01\x01\0\0\0", b"\x03\0\0\0" + struct.pack("<II", 2, len(blob))]
    end = page
    for number, item in enumerate(items):
        end -= len(item)
        file[page + end:page + end + len(item)] = item
        struct.pack_into("<H", file, page + 26 + 2 * number, end)
    struct.pack_into("<H", file, page + 20, len(items))
    file[page + 25] = 13
    overflow = bytearray(page)
    struct.pack_into("<H", overflow, 22, len(blob))
    overflow[25] = 7
    overflow[26:26 + len(blob)] = blob
    return bytes(file + overflow)


def made() -> None:
    few = [(path.relative_to(FIXTURES).as_posix().split("/", 1)[-1], path.read_bytes())
           for path in files(FIXTURES) if path.stat().st_size < 3000]
    for start in range(0, len(few), 20):
        put("tar_layer", layer(few[start:start + 20]))
    inner = archive([("META-INF/MANIFEST.MF", b"Implementation-Title: x\nImplementation-Version: 1\n"),
                     ("META-INF/maven/g/a/pom.properties", b"groupId=g\nartifactId=a\nversion=1\n")])
    put("zip_archive", inner)
    put("zip_archive", archive([("WEB-INF/lib/x-1.jar", inner), ("a-1.0.dist-info/METADATA", b"Name: a\nVersion: 1.0\n")]))
    for path in [Path("/bin/true"), Path("/usr/bin/true")]:
        if path.is_file():
            put("executable", path.read_bytes())
    put("executable", b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HHI", 2, 62, 1) + bytes(44))
    for text in [b"", b"a" * 5000, bytes(range(256)) * 20, b"\n".join(name.encode() for name, _ in few)]:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        put("inflate", packer.compress(text) + packer.flush())
    # Many short blocks, each with codes of its own: what a team writes down.
    numbers = b" ".join(b"%d" % (at * at * 7919 % 99991) for at in range(9000))
    for memory in [2, 3, 4]:
        packer = zlib.compressobj(6, zlib.DEFLATED, -15, memory)
        put("inflate", packer.compress(numbers) + packer.flush())
    control = layer([("./control", b"Package: x\nVersion: 1\nArchitecture: all\nLicense: MIT\n")])
    put("stream", package([("debian-binary", b"2.0\n"), ("control.tar.gz", gzip.compress(control, mtime=0)), ("data.tar", layer(few[:3]))]))
    put("stream", gzip.compress(layer(few[:5]), mtime=0))
    put("stream", saved(layer(few[:5])))
    put("stream", inner)
    blob = header()
    put("stream", b"\xed\xab\xee\xdb\x03\0\0\0" + bytes(88) + 2 * (b"\x8e\xad\xe8\x01" + bytes(4) + blob))
    put("rpm_database", ndb([blob, blob]))
    put("rpm_database", bdb(blob))
    put("rpm_database", database("create table Packages (hnum integer primary key, blob blob not null)",
                                 f"insert into Packages values (1, x'{blob.hex()}')"))
    path = "/nix/store/" + "a" * 32 + "-hello-2.12"
    put("sqlite_database", database("create table ValidPaths (id integer primary key, path text, hash text, registrationTime integer, deriver text, narSize integer, ultimate integer, sigs text, ca text)",
                                    f"insert into ValidPaths values (1, '{path}', 'sha256:00', 0, '{path}.drv', 1, 0, '', '')"))
    put("bun_lockb", b"#!/usr/bin/env bun\nbun-lockfile-format-v0\n" + struct.pack("<I", 2) + bytes(200))
    put("read_others", gzip.compress(b'{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}'))
    for size in [10, 200, 2000]:
        put("layered_image", bytes((index * 37) % 251 for index in range(size)))
        put("kept_extract", bytes([1, 0, 1, 97, 0, 0, 0, 0]) + bytes(size % 7))


if __name__ == "__main__":
    texts()
    made()
    for folder in sorted((ROOT / "corpus").iterdir()):
        print(f"{folder.name}: {len(list(folder.iterdir()))} seeds")
