"""The version of charlm, which models and records carry."""

__version__ = "0.1.0"
