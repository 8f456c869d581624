"""Texts that answer an alert: rules propose, people decide, a sender delivers, the effect is measured."""
