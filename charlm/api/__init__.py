"""The library's face: a model as Python programs use it, and the functions that make one."""
