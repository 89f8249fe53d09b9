"""``python -m symbolicator``."""

from symbolicator.cli import main

if __name__ == "__main__":
    main()
