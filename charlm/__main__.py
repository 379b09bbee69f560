"""Run the command line as `python -m charlm`."""

from charlm.cli.main import run

if __name__ == "__main__":
    run()
