"""`sessionstream new`: a small project that is complete."""

from sessionstream_codegen.project.errors import ProjectError
from sessionstream_codegen.project.new import NewProject

__all__ = ["NewProject", "ProjectError"]
