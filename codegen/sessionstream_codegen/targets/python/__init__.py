"""The Python target: one module per .proto file, beside its ``_pb2``."""
