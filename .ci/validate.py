"""Applies the reference validators to the golden documents, and to what the binary given writes in every format.

CycloneDX: cyclonedx-python-lib, strict. SPDX 2: spdx-tools. SPDX 3: the bindings generated from its SHACL shapes, its
JSON schema, and on a tiny document the shapes themselves. Then the checker of the NTIA's elements and the scorecard of
the Cyber Resilience Act on a list that has them all; what those of CISA's framing and the BSI's guideline say is
shown and decides nothing. Attestations: securesystemslib, which TUF and in-toto's own tools verify by, both ways.
"""

import base64
import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from cyclonedx.validation.xml import XmlValidator
from ntia_conformance_checker import SbomChecker
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey
from spdx_python_model import v3_0_1
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

# The image-like tree is small: SHACL takes minutes for a few hundred packages.
SUBJECTS = ["tests/fixtures/alpine/layers/1", "tests/fixtures/python-app", "tests/fixtures/node-app"]
CYCLONEDX = ["1.4", "1.5", "1.6", "1.7"]
MODEL = Path("target/validators-spdx3/spdx-model-v3.0.1.jsonld")
CONTEXT = Path("target/validators-spdx3/spdx-context-v3.0.1.jsonld")
SCHEMA = Path("target/validators-spdx3/schema-v3.0.1.json")
CDX_VALIDATE = Path("target/validators-npm/node_modules/.bin/cdx-validate")
# The schema of SPDX 3 takes seconds for each element.
LARGEST = 200_000
# A list with everything the profiles ask for, to be converted.
COMPLETE = "tests/fixtures/complete.cdx.json"


def cyclonedx_json(text: str) -> str | None:
    version = SchemaVersion[f"V{json.loads(text)['specVersion'].replace('.', '_')}"]
    error = JsonStrictValidator(version).validate_str(text)
    return str(error) if error else None


def cyclonedx_xml(version: str):
    def check(text: str) -> str | None:
        error = XmlValidator(SchemaVersion[f"V{version.replace('.', '_')}"]).validate_str(text)
        return str(error) if error else None

    return check


def spdx_2(path: str) -> str | None:
    messages = validate_full_spdx_document(parse_file(path))
    return "; ".join(message.validation_message for message in messages[:3]) or None


def spdx_3(text: str) -> str | None:
    """The bindings refuse what the shapes do: unknown classes and properties, wrong types, wrong counts."""
    objects = v3_0_1.SHACLObjectSet()
    try:
        v3_0_1.JSONLDDeserializer().read(io.BytesIO(text.encode()), objects)
    except Exception as error:  # whatever they raise is a refusal
        return repr(error)
    packages = sum(1 for _ in objects.foreach_type(v3_0_1.software_Package))
    listed = sum(element["type"] == "software_Package" for element in json.loads(text)["@graph"])
    return None if packages == listed else f"{packages} of {listed} packages are read"


def spdx_3_schema(text: str) -> str | None:
    import jsonschema

    schema = json.loads(SCHEMA.read_text())
    error = next(jsonschema.validators.validator_for(schema)(schema).iter_errors(json.loads(text)), None)
    return f"{error.json_path}: {error.message[:300]}" if error else None


def shacl(text: str) -> str | None:
    import pyshacl
    import rdflib

    document = json.loads(text)
    document["@context"] = json.loads(CONTEXT.read_text())["@context"]
    model = rdflib.Graph().parse(MODEL, format="json-ld")
    data = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    conforms, _, report = pyshacl.validate(data, shacl_graph=model, ont_graph=model)
    return None if conforms else report


def cyber_resilience(path: str) -> str | None:
    """What cdxgen thinks the act asks of a list. Its exit code is that of all scorecards together."""
    done = subprocess.run([CDX_VALIDATE, "-i", path, "-r", "json", "--no-include-manual", "-b", "cra,scvs"],
                          capture_output=True, text=True)
    try:
        cards = {card["id"]: card for card in json.loads(done.stdout)["benchmarks"]}
    except (ValueError, KeyError) as error:
        return f"{error!r}: {done.stdout[:300]} {done.stderr[:300]}"
    for name, card in cards.items():
        failed = [control["message"] for control in card["controls"] if control["status"] == "fail"]
        print(f"  {name} of {path.rsplit('/', 1)[-1]}: {card['scorePct']} % ({'; '.join(failed) or 'nothing is missing'})")
    lacking = [control["message"] for control in cards["cra"]["controls"] if control["status"] != "pass"]
    return "; ".join(lacking) or None


def conforms(path: str, spec: str, standard: str) -> str | None:
    with contextlib.redirect_stdout(io.StringIO()):
        checker = SbomChecker(path, sbom_spec=spec, compliance=standard)
    if checker.compliant:
        return None
    verdict = checker.output_json()
    lacking = [f"{what}: {', '.join(judged['nonconformantComponents'])}" for what, judged in verdict.items()
               if isinstance(judged, dict) and judged.get("nonconformantComponents")]
    return "; ".join(lacking) or json.dumps(verdict)[:1000]


class Run:
    def __init__(self, program: str, folder: str):
        self.program, self.folder = program, folder
        self.count, self.refused = 0, []

    def check(self, what: str, error: str | None) -> None:
        self.count += 1
        if error:
            self.refused.append(what)
            print(f"refused: {what}\n  {error}")

    def write(self, command: str, source: str, wishes: dict[str, str]) -> None:
        outputs = [f"-o{name}={path}" for name, path in wishes.items()]
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1767225600"}
        done = subprocess.run([self.program, command, source, *outputs], env=environment, capture_output=True, text=True)
        if done.returncode:
            self.check(f"{command} {source}", done.stderr)

    def golden(self) -> None:
        for path in sorted(Path("golden").iterdir()):
            if path.name.endswith(".cdx.json"):
                self.check(str(path), cyclonedx_json(path.read_text()))
            elif path.name.endswith(".spdx.json"):
                self.check(str(path), spdx_2(str(path)))

    def written(self, command: str, source: str) -> dict[str, str]:
        names = [f"cyclonedx-{kind}@{version}" for kind in ("json", "xml") for version in CYCLONEDX]
        names += ["spdx-json", "spdx-tag-value", "spdx-json@3.0.1"]
        endings = {"spdx-json": "spdx.json", "spdx-tag-value": "spdx", "spdx-json@3.0.1": "spdx3.json"}
        # Some programs go by the ending.
        ending = lambda name: endings.get(name) or ("cdx.xml" if "xml" in name else "cdx.json")
        files = {name: os.path.join(self.folder, f"{name}.{ending(name)}") for name in names}
        self.write(command, source, files)
        for name, path in files.items():
            text = Path(path).read_text()
            what = f"{name} of {source}"
            if name.startswith("cyclonedx-json"):
                self.check(what, cyclonedx_json(text))
            elif name.startswith("cyclonedx-xml"):
                self.check(what, cyclonedx_xml(name.split("@")[1])(text))
            elif name == "spdx-json@3.0.1":
                self.check(what, spdx_3(text))
                if SCHEMA.exists() and len(text) < LARGEST:
                    self.check(f"{what}, its schema", spdx_3_schema(text))
            else:
                self.check(what, spdx_2(path))
        return files


def pipelines(run: Run) -> None:
    """What others' pipelines take from this tree, by the schemas of those who run them."""
    def schema(name: str, path: str) -> str | None:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{name}", path]
        done = subprocess.run(command, capture_output=True, text=True)
        return None if done.returncode == 0 else done.stdout + done.stderr

    run.check("action.yml", schema("github-actions", "action.yml"))
    # What the component takes stands in a document of its own, in front of the jobs.
    inputs, jobs = yaml.safe_load_all(Path("templates/packlist.yml").read_text())
    run.check("templates/packlist.yml, its inputs", None if list(inputs) == ["spec"] else f"{list(inputs)}")
    job = Path(run.folder, "jobs.yml")
    job.write_text(yaml.safe_dump(jobs))
    run.check("templates/packlist.yml, its jobs", schema("gitlab-ci", str(job)))
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"]
    done = subprocess.run(command, capture_output=True, text=True)
    run.check(".pre-commit-hooks.yaml", None if done.returncode == 0 else done.stdout + done.stderr)


def attestations(run: Run, key: str) -> None:
    """Each verifies what the other signed with this key, and neither does with one bit flipped anywhere."""
    private, public = Path("tests/keys", f"{key}.pem"), Path("tests/keys", f"{key}.pub.pem")
    secret = load_pem_private_key(private.read_bytes(), None)
    known = SSlibKey.from_crypto(secret.public_key())
    # Ours names no key, as cosign names none.
    known.keyid = ""
    path = Path(run.folder, f"{key}.intoto.json")

    def theirs(envelope: dict) -> str | None:
        try:
            Envelope.from_dict(json.loads(json.dumps(envelope))).verify([known], 1)
        except VerificationError as error:
            return str(error)
        return None

    def ours(envelope: dict) -> str | None:
        path.write_text(json.dumps(envelope))
        done = subprocess.run([run.program, "verify-attestation", path, "--key", public], capture_output=True, text=True)
        return None if done.returncode == 0 else done.stderr

    def flipped(envelope: dict):
        def flip(data: bytes, at: int) -> bytes:
            return bytes(byte ^ (at == place) for place, byte in enumerate(data))

        payload, [signature] = base64.b64decode(envelope["payload"]), envelope["signatures"]
        sig = base64.b64decode(signature["sig"])
        for at in (0, len(payload) // 2, len(payload) - 1):
            yield "its payload", envelope | {"payload": base64.b64encode(flip(payload, at)).decode()}
        for at in (len(sig) // 2, len(sig) - 1):
            wrong = signature | {"sig": base64.b64encode(flip(sig, at)).decode()}
            yield "its signature", envelope | {"signatures": [wrong]}
        kind = envelope["payloadType"].encode()
        yield "its type", envelope | {"payloadType": flip(kind, len(kind) - 1).decode()}

    command = [run.program, "attest", COMPLETE, "--subject", f"app@sha256:{'a' * 64}", "--key", private]
    done = subprocess.run([*command, f"-oenvelope={path}"], capture_output=True, text=True)
    run.check(f"attest with {key}", done.stderr if done.returncode else None)
    by_us = json.loads(path.read_text())
    by_them = Envelope(base64.b64decode(by_us["payload"]), by_us["payloadType"], {})
    by_them.sign(CryptoSigner(secret, known))
    for who, envelope in (("us", by_us), ("securesystemslib", by_them.to_dict())):
        for judge, verify in (("us", ours), ("securesystemslib", theirs)):
            run.check(f"what {who} signed with {key}, by {judge}", verify(envelope))
            for what, altered in flipped(envelope):
                passed = None if verify(altered) else "it verifies"
                run.check(f"what {who} signed with {key}, a bit of {what} flipped, by {judge}", passed)


def main() -> int:
    logging.disable(logging.ERROR)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(sys.argv[1], folder)
        run.golden()
        pipelines(run)
        for key in ("p256", "ed25519"):
            attestations(run, key)
        for subject in SUBJECTS:
            run.written("scan", subject)
        files = run.written("convert", COMPLETE)
        if MODEL.exists():
            run.check(f"shapes of SPDX 3 of {COMPLETE}", shacl(Path(files["spdx-json@3.0.1"]).read_text()))
        if CDX_VALIDATE.exists():
            run.check(f"Cyber Resilience Act, {COMPLETE}", cyber_resilience(files["cyclonedx-json@1.6"]))
        for name, spec in (("spdx-json", "spdx2"), ("spdx-json@3.0.1", "spdx3")):
            run.check(f"ntia, {name} of {COMPLETE}", conforms(files[name], spec, "ntia"))
        # Both want what no list of ours can know of each component, such as a copyright notice of every one.
        for name, spec, standard in (("spdx-json", "spdx2", "fsct3-min"), ("spdx-json@3.0.1", "spdx3", "bsi")):
            error = conforms(files[name], spec, standard)
            print(f"  {standard}, {name} of {COMPLETE}: {f'not met ({error})' if error else 'met'}")
    print(f"{run.count - len(run.refused)} of {run.count} accepted in {time.monotonic() - begin:.0f} s")
    return 1 if run.refused else 0


if __name__ == "__main__":
    sys.exit(main())
