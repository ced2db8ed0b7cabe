"""The federation gateway of one customs administration; ARCHITECTURE: docs/story.md."""
