"""Imports generated code that lies in no file, and stands in for what protoc writes of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from sessionstream_codegen import names

Load = Callable[[str], ModuleType]
"""Imports a module by its name."""


def module_name(path: str) -> str:
    """Returns the name of the module with this path."""
    return path.removesuffix(".py").replace("/", ".")


@contextmanager
def importable(
    sources: Mapping[str, str], protos: Iterable[FileDescriptorProto] = ()
) -> Iterator[Load]:
    """Makes code importable for as long as the context lasts.

    ``sources`` is the code of the modules by their paths, as a response holds
    it. ``protos``, each behind those that it imports, get stand-ins for their
    ``_pb2`` modules. What is installed is found first.

    Raises:
        TypeError: protobuf refuses one of the protos.
    """
    finder = _Finder(
        {module_name(path): compile(code, path, "exec") for path, code in sources.items()},
        _message_classes(protos),
    )
    before = set(sys.modules)
    sys.meta_path.append(finder)
    try:
        yield importlib.import_module
    finally:
        sys.meta_path.remove(finder)
        for name in {*finder.packages, *finder.modules} - before:
            module = sys.modules.pop(name, None)
            package, _, attribute = name.rpartition(".")
            # What a package that stays still holds would be found before the next one's.
            if vars(sys.modules.get(package, finder)).get(attribute) is module is not None:
                delattr(sys.modules[package], attribute)


def _message_classes(protos: Iterable[FileDescriptorProto]) -> Mapping[str, Mapping[str, object]]:
    """Returns the classes of top-level messages, by the modules that protoc would write."""
    pool = DescriptorPool()
    found = {}
    for proto in protos:
        pool.Add(proto)
        file = pool.FindFileByName(proto.name)
        messages = file.message_types_by_name.items()
        found[names.module(proto.name, "_pb2")] = {
            name: GetMessageClass(message) for name, message in messages
        }
    return found


class _Finder(MetaPathFinder, Loader):
    def __init__(
        self, sources: Mapping[str, CodeType], stand_ins: Mapping[str, Mapping[str, object]]
    ) -> None:
        self._sources = sources
        self._stand_ins = stand_ins
        self.modules = {*sources, *stand_ins}
        self.packages = {
            ".".join(parts[:end])
            for parts in (name.split(".") for name in self.modules)
            for end in range(1, len(parts))
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self.modules:
            return ModuleSpec(fullname, self)
        if fullname in self.packages:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ in self._sources:
            exec(self._sources[module.__name__], module.__dict__)
        vars(module).update(self._stand_ins.get(module.__name__, {}))
