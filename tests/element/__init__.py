"""Element as an independent witness of encryption: its own client library, driven from the tests."""

from element.client import REMEDY, Device, Element, NoElementError

__all__ = ["REMEDY", "Device", "Element", "NoElementError"]
