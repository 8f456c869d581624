"""A made-up election day in a made-up city, for the demo, the docs and the tests. No real person or place."""

from warroom.demo.day import is_demo_day, write_demo_day
from warroom.demo.story import DemoStory, StoryEvent

__all__ = ["DemoStory", "StoryEvent", "is_demo_day", "write_demo_day"]
