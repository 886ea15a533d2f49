"""The Markdown target: a catalogue of an application's names."""
