"""Faces in pictures: where they are, and a mesh over the nearest one."""
