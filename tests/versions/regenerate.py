#!/usr/bin/env python3
"""Writes the pairs of versions in this folder again, each judged by the ecosystem's own tool.

    apt-get install dpkg rpm ruby php-cli maven nodejs npm golang
    pip install packaging
    python3 tests/versions/regenerate.py [TYPE...]

A file is named after the type of package URL and has one pair a line: `1.0~rc1 < 1.0`. A tool that is not there leaves
its file as it is, and says so. Alpine's `apk version`, Arch's `vercmp` and NuGet's are in no Debian package: their pairs are kept by hand
in the tests of `src/versions/{apk,alpm,nuget}.rs`.
"""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PAIRS = 400
OF = {-1: "<", 0: "=", 1: ">"}


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout


def sign(number):
    return (number > 0) - (number < 0)


def joined(*parts):
    return ["".join(chosen) for chosen in itertools.product(*parts)]


# --- what to compare ----------------------------------------------------------------------------------------------

DEB = joined(["", "0:", "1:", "2:"], ["1.0", "1.0.0", "1.2", "1.10", "2024.01.05", "1.0+dfsg", "1.1.1n"],
             ["", "~rc1", "~~", "+b", "~git20240101.abc"], ["", "-0", "-1", "-1+b1", "-1~deb12u1", "-1ubuntu0.22.04.1", "-1+deb12u10"])
RPM = joined(["", "0:", "1:", "3:"], ["1.0", "1.0.0", "1.2", "1.10", "1.01", "1a", "1.1.1k", "20240101"],
             ["", "~rc1", "^git1", "~rc1^git2", "^20240101"], ["-1", "-1.el8", "-1.el9_4", "-12.el8_9", "-1.fc40.1"])
NPM = joined(["1.0.0", "1.2.0", "1.10.0", "0.0.1", "99999.0.0", "1.0.10"],
             ["", "-alpha", "-alpha.1", "-alpha.beta", "-beta", "-beta.2", "-beta.11", "-rc.1", "-0", "-1", "-x-y-z.1"],
             ["", "+build", "+build.5"])
PYPI = joined(["", "1!"], ["1.0", "1.0.0", "1", "1.2", "1.10", "2024.1"],
              ["", "a1", "b2", "rc1", ".dev1", "a1.dev2", ".post1", ".post1.dev3", "+local", "+local.2", "+1", "-1", "c3", "alpha4"])
GEM = joined(["1.0", "1", "1.0.0", "1.2", "1.10", "7.1.0", "3.2.2.1"],
             ["", ".rc1", ".rc2", ".beta", ".pre", ".a", ".b10", "-java", ".1.a", ".alpha.2"])
MAVEN = joined(["1", "1.0", "1.0.0", "1.2", "1.10", "31.1", "2.0.1"],
               ["", "-SNAPSHOT", "-alpha-1", "-a1", "-beta-2", "-b2", "-M1", "-rc1", "-cr2", "-ga", ".Final", ".RELEASE", "-sp",
                "-jre", "-android", "-1", ".1", "-redhat-00001", "-20240101.120000-1", "-xyz"])
GOLANG = joined(["v1.2.3", "v1.2.4", "v1.10.0", "v0.0.0", "v2.0.0"],
                ["", "-0.20240101120000-abcdefabcdef", "-20230101000000-0123456789ab", "-rc.1", "-rc.1.0.20240101120000-abcdefabcdef",
                 "-beta", "-alpha.1"], ["", "+incompatible"])
COMPOSER = joined(["1.0.0", "1.0", "1", "1.2.0", "1.10.0", "2024.1"],
                  ["", "-dev", "-alpha1", "-beta2", "-beta10", "RC1", "-RC2", "-patch1", "pl3", ".1", "-p1"])
ALPM = joined(["", "1:"], ["1.0", "1.0.0", "1.2", "1.10", "1.0a", "1.0rc1", "r12.abc", "20240101"], ["-1", "-2", "-1.1", "-10"])


# --- who judges ---------------------------------------------------------------------------------------------------

def dpkg(pairs):
    def order(a, b):
        holds = lambda op: subprocess.run(["dpkg", "--compare-versions", a, op, b], check=False).returncode == 0
        return -1 if holds("lt") else 0 if holds("eq") else 1
    return [order(a, b) for a, b in pairs]


def rpm(pairs):
    lines = " ".join(f'p("{a}", "{b}")' for a, b in pairs)
    script = "local function p(a, b) local x, y = rpm.ver(a), rpm.ver(b); " \
             "print((x < y and -1 or x > y and 1 or 0) .. ';') end " + lines
    return [int(number) for number in run("rpm", "--eval", "%{lua:" + script + "}").split(";") if number.strip()]


def npm(pairs):
    places = ["/usr/share/nodejs/semver", "/usr/lib/node_modules/npm/node_modules/semver"]
    place = next(place for place in places if os.path.isdir(place))
    script = f"const s = require({json.dumps(place)}); const pairs = JSON.parse(require('fs').readFileSync(0)); " \
             "console.log(JSON.stringify(pairs.map(([a, b]) => s.compare(a, b))))"
    return json.loads(run("node", "-e", script, input=json.dumps(pairs)))


def pypi(pairs):
    from packaging.version import Version
    return [sign((Version(a) > Version(b)) - (Version(a) < Version(b))) for a, b in pairs]


def gem(pairs):
    script = "require 'json'; puts JSON.generate(JSON.parse($stdin.read).map { |a, b| Gem::Version.new(a) <=> Gem::Version.new(b) })"
    return json.loads(run("ruby", "-e", script, input=json.dumps(pairs)))


def maven(pairs):
    orders = []
    for start in range(0, len(pairs), 50):
        versions = [version for pair in pairs[start : start + 50] for version in pair]
        out = run("java", "-cp", "/usr/share/maven/lib/*", "org.apache.maven.artifact.versioning.ComparableVersion", *versions)
        # It compares each version with the one before: every other line is one of our pairs.
        lines = [line.split() for line in out.splitlines() if line.startswith("   ")]
        words = [next(word for word in line if word in ("<", ">", "==")) for line in lines]
        orders += [{"<": -1, "==": 0, ">": 1}[word] for word in words[::2]]
    return orders


def golang(pairs):
    root = run("go", "env", "GOROOT").strip()
    with tempfile.TemporaryDirectory() as folder:
        # The toolchain has the module's own comparison within itself, where only it may import it.
        shutil.copytree(f"{root}/src/cmd/vendor/golang.org/x/mod/semver", f"{folder}/semver")
        with open(f"{folder}/go.mod", "w", encoding="utf-8") as file:
            file.write("module pairs\n\ngo 1.19\n")
        with open(f"{folder}/main.go", "w", encoding="utf-8") as file:
            file.write('package main\nimport ("encoding/json"; "os"; "pairs/semver")\nfunc main() {\nvar pairs [][2]string\n'
                       "json.NewDecoder(os.Stdin).Decode(&pairs)\norders := []int{}\nfor _, p := range pairs "
                       "{ orders = append(orders, semver.Compare(p[0], p[1])) }\njson.NewEncoder(os.Stdout).Encode(orders)\n}\n")
        return json.loads(run("go", "run", ".", input=json.dumps(pairs), cwd=folder))


def composer(pairs):
    script = "echo json_encode(array_map(fn($p) => version_compare($p[0], $p[1]), json_decode(stream_get_contents(STDIN))));"
    return json.loads(run("php", "-r", script, input=json.dumps(pairs)))


def alpm(pairs):
    return [sign(int(run("vercmp", a, b))) for a, b in pairs]


JUDGES = {
    "alpm": (alpm, ALPM, "vercmp"), "composer": (composer, COMPOSER, "php"), "deb": (dpkg, DEB, "dpkg"), "gem": (gem, GEM, "ruby"),
    "golang": (golang, GOLANG, "go"), "maven": (maven, MAVEN, "java"), "npm": (npm, NPM, "node"), "pypi": (pypi, PYPI, "python3"),
    "rpm": (rpm, RPM, "rpm"),
}


def main():
    for ty in sys.argv[1:] or JUDGES:
        judge, versions, tool = JUDGES[ty]
        if not shutil.which(tool):
            print(f"{ty}: `{tool}` is not there, left as it is")
            continue
        chance = random.Random(ty)
        pairs = [tuple(chance.sample(versions, 2)) for _ in range(PAIRS)]
        # Neighbours are where orders differ.
        pairs += list(zip(versions, versions[1:]))[:PAIRS]
        orders = judge(pairs)
        assert len(orders) == len(pairs), (ty, len(orders), len(pairs))
        lines = sorted({f"{a} {OF[order]} {b}" for (a, b), order in zip(pairs, orders)})
        with open(os.path.join(HERE, f"{ty}.txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        print(f"{ty}: {len(lines)} pairs")


if __name__ == "__main__":
    main()
