"""Files: whole or not at all, one run at a time, never onto what is not ours."""
