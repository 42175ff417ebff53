"""Starts a worker: handed to the agent's interpreter by path.

Python puts the folder of a script in front of its path, where `http` or `process` of ours would
stand for the agent's. So that folder is taken out before anything else is imported, and the other
modules are loaded under one private name.
"""

import sys


def _load_package(folder):
    """Makes the folder importable as `_trial_worker`, without a place on any path."""
    from importlib import util

    where = folder + "/__init__.py"
    spec = util.spec_from_file_location("_trial_worker", where, submodule_search_locations=[folder])
    package = util.module_from_spec(spec)
    sys.modules[spec.name] = package
    spec.loader.exec_module(package)


if __name__ == "__main__":
    _folder = __file__.rpartition("/")[0]
    # `-P`, `-I` and PYTHONSAFEPATH leave it out already.
    sys.path[:] = [entry for entry in sys.path if entry != _folder]
    _load_package(_folder)
    from _trial_worker.serving import serve

    serve()
