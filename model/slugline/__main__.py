"""`python -m slugline` is the `slugline` command."""

from slugline.cli.main import main

if __name__ == "__main__":
    main()
