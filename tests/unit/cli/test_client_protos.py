"""The protos for clients compile alone, and mean what the protos mean."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import grpc_tools
import pytest
from click.testing import CliRunner
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

from gateway.cli.commands.protos import command

RULES = "buf/validate/validate.proto"


@pytest.fixture
def compiled(tmp_path: Path) -> FileDescriptorSet:
    place = tmp_path / "protos"
    done = CliRunner().invoke(command, [str(place)])
    assert done.exit_code == 0, done.output
    files = sorted(str(file.relative_to(place)) for file in place.rglob("*.proto"))
    out = tmp_path / "set.binpb"
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    assert protoc.main(["protoc", f"-I{place}", f"-I{well_known}", f"--descriptor_set_out={out}", *files]) == 0
    return FileDescriptorSet.FromString(out.read_bytes())


def test_they_differ_from_the_protos_in_the_rules_alone(compiled: FileDescriptorSet) -> None:
    own = [file for file in compiled.file if not file.name.startswith("google/rpc/")]
    assert len(own) == len(compiled.file) - 2
    packages = {file.package for file in own}
    assert packages == {f"mutualrecognition.{name}.v1" for name in ("records", "national", "operations")}
    for file in own:
        module = import_module(file.name.removesuffix(".proto").replace("/", ".") + "_pb2")
        for message in file.message_type:
            clear(message)
        assert file == without_rules(FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)), file.name


def without_rules(file: FileDescriptorProto) -> FileDescriptorProto:
    if RULES in file.dependency:
        file.dependency.remove(RULES)
    for message in file.message_type:
        clear(message)
    return file


def clear(message: DescriptorProto) -> None:
    """Clear every option, which in these protos is a rule, and names in JSON, which only a compiler writes out."""
    for each in (message, *message.field, *message.oneof_decl):
        if not (isinstance(each, DescriptorProto) and each.options.map_entry):
            each.ClearField("options")
    for field in message.field:
        field.ClearField("json_name")
    for nested in message.nested_type:
        clear(nested)
