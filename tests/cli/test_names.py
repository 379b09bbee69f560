"""The names that help and completion know, without what they name."""

from charlm.cli.names import NAMES
from charlm.cli.options import RegistryChoice


def test_names_are_those_of_the_registries() -> None:
    choices = {registry: RegistryChoice(registry) for registry in NAMES}
    listed = {registry: choice.names() for registry, choice in choices.items()}
    assert listed == {registry: choice.registered() for registry, choice in choices.items()}
