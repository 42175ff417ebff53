"""`python -m dialgate` is the `dialgate` command."""

from dialgate.cli import main

if __name__ == "__main__":
    main()
