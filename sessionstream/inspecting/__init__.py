"""Looks into a store's file, moves sessions between files, checks promises and mends timelines."""
