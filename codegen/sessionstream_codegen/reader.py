"""CodeGeneratorRequest -> Run: descriptors in, the model out."""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from sessionstream_codegen import options
from sessionstream_codegen.model import FileDecl, Run
from sessionstream_codegen.reading.enums import read_enums
from sessionstream_codegen.reading.fields import read_stray_keys
from sessionstream_codegen.reading.imports import read_imports
from sessionstream_codegen.reading.messages import read_messages
from sessionstream_codegen.reading.odd_options import read_foreign_extensions, read_odd_options
from sessionstream_codegen.reading.source import Source
from sessionstream_codegen.reading.walking import walk_messages


def read(request: CodeGeneratorRequest) -> Run:
    """Returns the model of a request whose options are known.

    Where the request has ``source_file_descriptors``, those win over the
    others: they hold the options that are kept in source only as well.
    """
    protos = {file.name: file for file in request.proto_file}
    protos.update({file.name: file for file in request.source_file_descriptors})
    return Run(
        files={path: _file(file, protos) for path, file in protos.items()},
        # One that is named twice to protoc is asked for twice.
        generate=tuple(dict.fromkeys(request.file_to_generate)),
    )


def _file(file: FileDescriptorProto, protos: Mapping[str, FileDescriptorProto]) -> FileDecl:
    source = Source(file)
    position = source.position(
        (FileDescriptorProto.SYNTAX_FIELD_NUMBER,), (FileDescriptorProto.EDITION_FIELD_NUMBER,)
    )
    walked = tuple(walk_messages(file))
    messages = tuple(read_messages(file, walked, source))
    imports = read_imports(file, protos, source)
    return FileDecl(
        path=file.name,
        package=file.package,
        prefix=options.file_options(file).name,
        comment=source.header(),
        position=position,
        prefix_position=source.option((FileDescriptorProto.OPTIONS_FIELD_NUMBER,)) or position,
        messages=tuple(message for message in messages if message.is_marked),
        others=tuple(message for message in messages if not message.is_marked),
        enums=tuple(read_enums(file, walked, source)),
        visible=tuple(imports),
        import_positions=imports,
        stray_keys=tuple(read_stray_keys(file, walked, source)),
        foreign_extensions=tuple(read_foreign_extensions(file, walked, source)),
        odd_options=tuple(read_odd_options(file, walked, source)),
        garbled_comments=tuple(sorted(source.garbled_comments())),
        is_deprecated=file.options.deprecated,
    )
