"""What each symbol of a text cost a model, in numbers, colours and pages."""
