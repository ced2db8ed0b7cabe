# ruff: noqa: INP001 - a script, not a package
"""Everything that is made from the protos: ``python protos/generate.py [--check | --lint]``.

Without a flag, it writes ``protos/python``: messages, services, type stubs, and for the records the comments of the
protos as a Python table, so that the running program can explain a field. ``--check`` writes elsewhere and fails on
any difference. ``--lint`` runs ``buf lint``, ``buf format`` and, against the newest release tag (or ``--against
REF``), ``buf breaking``.

``buf/validate/validate.proto``, the standard for field rules, is not part of this tree: its descriptor comes out of
the installed protovalidate package and reaches protoc as a descriptor set, and buf inside an image.
"""

from __future__ import annotations

import argparse
import filecmp
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from protovalidate._gen.buf.validate import validate_pb  # the only copy that an offline machine has

PROTOS = Path(__file__).resolve().parent
GENERATED = PROTOS / "python"
FIELD_RULES = "buf/validate/validate.proto"
EXPLAINED = "mutualrecognition/records/v1"


def main() -> int:
    """Do what the command line says; the exit code is 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verb = parser.add_mutually_exclusive_group()
    verb.add_argument("--check", action="store_true", help="fail when the checked-in code is not what the protos give")
    verb.add_argument("--lint", action="store_true", help="buf lint, buf format, buf breaking")
    parser.add_argument("--against", metavar="REF", help="what --lint compares with (default: the newest tag)")
    arguments = parser.parse_args()
    if arguments.lint:
        return lint(arguments.against)
    if arguments.check:
        return check()
    generate(GENERATED)
    return 0


def generate(target: Path) -> None:
    """Write all generated code into an emptied ``target``."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    sources = proto_files(PROTOS)
    services = [name for name in sources if "\nservice " in (PROTOS / name).read_text(encoding="utf-8")]
    with tempfile.TemporaryDirectory() as scratch:
        rules = write_field_rules(Path(scratch))
        out = str(target)
        run_protoc(PROTOS, rules, [FIELD_RULES, *sources], f"--python_out={out}", f"--mypy_out=quiet:{out}")
        if services:
            run_protoc(PROTOS, rules, services, f"--grpc_python_out={out}", f"--mypy_grpc_out=quiet:{out}")
        comments = comments_module(build_image(PROTOS, Path(scratch)))
    (target / EXPLAINED / "comments.py").write_text(comments, encoding="utf-8")


def check() -> int:
    """Generate beside the checked-in code and tell every file that differs."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "python"
        generate(fresh)
        stale = sorted(differences(GENERATED, fresh))
    for name in stale:
        sys.stderr.write(f"protos/python/{name} is not what the protos give: run python protos/generate.py\n")
    return 1 if stale else 0


def lint(against: str | None) -> int:
    """Run buf on this tree; every step runs, the first failure gives the exit code."""
    codes = [run_buf("format", "--diff", "--exit-code", ".")]
    with tempfile.TemporaryDirectory() as scratch:
        image = build_image(PROTOS, Path(scratch))
        codes.append(run_buf("lint", str(image), *buf_configuration()))
        reference = against or newest_tag()
        if reference is None:
            sys.stderr.write("buf breaking: no release tag yet, nothing to compare with\n")
        else:
            before = build_image(unpack(reference, Path(scratch) / "before"), Path(scratch) / "before")
            codes.append(run_buf("breaking", str(image), "--against", str(before), *buf_configuration()))
    return next((code for code in codes if code), 0)


# --- protoc -----------------------------------------------------------------------------------------------------


def proto_files(root: Path) -> list[str]:
    """Name all protos below ``root``, in an order that does not change."""
    return sorted(str(path.relative_to(root)) for path in (root / "mutualrecognition").rglob("*.proto"))


def write_field_rules(folder: Path) -> Path:
    """Write the descriptor set with the field-rule annotations and what they import; returns its path."""
    imports = (descriptor_pb2, duration_pb2, timestamp_pb2, field_mask_pb2)
    described = descriptor_pb2.FileDescriptorSet()
    for module in imports:
        described.file.add().ParseFromString(module.DESCRIPTOR.serialized_pb)
    described.file.add().ParseFromString(bytes(validate_pb.desc().proto.to_binary()))
    path = folder / "field_rules.binpb"
    path.write_bytes(described.SerializeToString(deterministic=True))
    return path


def run_protoc(root: Path, rules: Path, names: list[str], *outputs: str) -> None:
    """Run the protoc of grpcio-tools; a failure has already been told on stderr.

    In a process of its own, whose PATH leads to the plugins that stand beside the running Python.
    """
    well_known = str(files("grpc_tools") / "_proto")
    imports = (f"--descriptor_set_in={rules}", f"-I{root}", f"-I{well_known}")
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    command = [sys.executable, "-m", "grpc_tools.protoc", *imports, *outputs, *names]
    code = subprocess.run(command, env={**os.environ, "PATH": path}, check=False).returncode  # noqa: S603
    if code:
        raise SystemExit(code)


def build_image(root: Path, scratch: Path) -> Path:
    """Describe all protos below ``root``, comments and imports included, in one file."""
    path = scratch / "image.binpb"
    outputs = (f"--descriptor_set_out={path}", "--include_imports", "--include_source_info")
    run_protoc(root, write_field_rules(scratch), proto_files(root), *outputs)
    return path


def differences(left: Path, right: Path) -> Iterator[str]:
    """Name the files that only one side has, or that differ; compiled Python does not count."""
    names = {
        str(path.relative_to(root))
        for root in (left, right)
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in names:
        pair = (left / name, right / name)
        if not all(path.is_file() for path in pair) or not filecmp.cmp(*pair, shallow=False):
            yield name


# --- buf --------------------------------------------------------------------------------------------------------


def buf_configuration() -> tuple[str, ...]:
    """Give the arguments that hold buf to our files: imports in an image are not ours to lint."""
    paths = [argument for name in proto_files(PROTOS) for argument in ("--path", name)]
    return ("--config", str(PROTOS / "buf.yaml"), *paths)


def run_buf(*arguments: str) -> int:
    """Run buf, which stands beside the running Python."""
    command = shutil.which("buf", path=str(Path(sys.executable).parent)) or "buf"
    return subprocess.run([command, *arguments], cwd=PROTOS, check=False).returncode  # noqa: S603 - fixed arguments


def newest_tag() -> str | None:
    """Name the newest release reachable from here, if there is one."""
    found = subprocess.run(
        ["git", "describe", "--tags", "--abbrev=0", "--match", "v*"],  # noqa: S607
        cwd=PROTOS,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None


def unpack(reference: str, folder: Path) -> Path:
    """Unpack the protos of an earlier state; returns the folder that takes the place of this one."""
    archive = subprocess.run(  # noqa: S603 - a git reference that the caller typed
        ["git", "archive", reference, "."],  # noqa: S607
        cwd=PROTOS,
        capture_output=True,
        check=True,
    ).stdout
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


# --- comments ---------------------------------------------------------------------------------------------------


def comments_module(image: Path) -> str:
    """Turn the records' comments into a Python module: full name → text, in one line each."""
    described = descriptor_pb2.FileDescriptorSet.FromString(image.read_bytes())
    rows: dict[str, str] = {}
    for file in described.file:
        if file.name.startswith(EXPLAINED):
            rows.update(comments_of(file))
    body = "".join(f"    {name!r}: {text!r},\n" for name, text in sorted(rows.items()))
    return (
        '"""What the protos say of each message, field and value. Made by protos/generate.py: edit the protos."""\n\n'
        f"COMMENTS: dict[str, str] = {{\n{body}}}\n"
    )


def comments_of(file: descriptor_pb2.FileDescriptorProto) -> Iterator[tuple[str, str]]:
    """Yield full name and leading comment of whatever a file defines."""
    for location in file.source_code_info.location:
        name = name_at(file, list(location.path))
        if name and location.leading_comments:
            yield f"{file.package}.{name}", " ".join(location.leading_comments.split())


def name_at(file: descriptor_pb2.FileDescriptorProto, path: list[int]) -> str:
    """Follow a source path (descriptor.proto, SourceCodeInfo) to a dotted name; empty for what has none.

    An odd path ends in a field number without index: an option or a part of a definition, which has no name.
    """
    if not path or len(path) % 2:
        return ""
    names: list[str] = []
    here: object = file
    for number, index in zip(path[::2], path[1::2], strict=True):
        field = here.DESCRIPTOR.fields_by_number[number]  # type: ignore[attr-defined]
        if field.message_type is None or field.message_type.full_name.endswith("Options"):
            return ""
        here = getattr(here, field.name)[index]
        if not hasattr(here, "name"):
            return ""
        names.append(here.name)
    return ".".join(names)


if __name__ == "__main__":
    raise SystemExit(main())
