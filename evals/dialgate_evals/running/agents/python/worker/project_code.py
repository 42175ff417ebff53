"""Which files of the project the agent loads, each read anew, and from this side's own tree.

A release is judged in a tree of its own, but an editable install, a `.pth` file or a variable may
point into the user's checkout: whatever is found there is loaded from the same place of this
tree. Knows Python's import system; leaves what the list means to the harness.
"""

import hashlib
import importlib.machinery
import importlib.util
import os
import sys
import sysconfig
import threading

_INSTALLED = ("site-packages", "dist-packages")
_CHILDREN = (
    "subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system",
    "pty.spawn",
)  # fmt: skip
_LARGE = 2**24
"""Bytes over which a data file counts by its size: nobody waits for the digest of a model."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class ProjectCode:
    """The project's files of one side: `tree` is what is judged, `homes` where it stands for."""

    def __init__(self, settings):
        self._tree = os.path.realpath(settings["tree"])
        homes = {os.path.realpath(home) for home in settings.get("homes", ())} - {self._tree}
        self._homes = sorted(homes, key=len, reverse=True)
        self._listed = settings.get("listed", [])
        self._library = _folders(sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
        # A project may lie below the interpreter's own prefix (/usr/src/app), and a prefix in it.
        self._prefixes = [
            prefix
            for prefix in [*self._library, *_folders(sys.prefix)]
            if not any((home + os.sep).startswith(prefix) for home in [self._tree, *homes])
        ]
        self._seen_modules = 0
        self._opened = set()
        self._reading = None
        # the thread and the file that is read here: no doing of the agent's
        self._said = {}
        self._news = {}

    def install(self):
        """Takes the import system and the path over; called once, before the agent is imported."""
        sys.path[:] = [self.own_place(entry) for entry in sys.path]
        for finder in sys.meta_path:
            _redirect(finder, self.own_place)
        sys.meta_path.insert(0, _Finder(self))
        inside = [entry for entry in sys.path if self._name(entry) is not None]
        if inside:
            # For processes that the agent starts: what is named here comes before any install.
            os.environ["PYTHONPATH"] = os.pathsep.join(inside)
        sys.addaudithook(self._hear)

    def own_place(self, path):
        """The path, or the same place in this tree where it lies in another copy of the project."""
        if not isinstance(path, str) or not os.path.isabs(path):
            return path
        real = os.path.realpath(path)
        if _is_below(real, self._tree) or self._is_installed(real):
            return path
        for home in self._homes:
            if real == home or _is_below(real, home):
                return os.path.normpath(os.path.join(self._tree, os.path.relpath(real, home)))
        return path

    def take(self, path, content):
        """Notes a module of the project with what was compiled of it."""
        name = self._name(path)
        if name is not None:
            self._note("loaded", name, _digest(content))

    def news(self):
        """What is known since the last call, as a message; None where there is nothing new."""
        if not self._opened and not self._news and len(sys.modules) == self._seen_modules:
            return None
        opened, self._opened = self._opened, set()
        for path in opened:
            self._note_file(path)
        if len(sys.modules) != self._seen_modules:
            self._seen_modules = len(sys.modules)
            self._note_elsewhere()
        news, self._news = self._news, {}
        return news or None

    def _note(self, kind, name, value):
        if self._said.get((kind, name)) != value:
            self._said[kind, name] = value
            self._news.setdefault(kind, {})[name] = value

    def _note_file(self, path):
        name = self._name(path)
        if name is None or name.endswith(".pyc"):
            return
        try:
            size = os.path.getsize(path)
            if size > _LARGE:
                self._note("loaded", name, "bytes:%d" % size)
                return
            self._reading = threading.get_ident(), path
            with open(path, "rb") as file:
                self._note("loaded", name, _digest(file.read()))
        except OSError:
            pass
        finally:
            self._reading = None

    def _note_elsewhere(self):
        """Modules that stand for a listed file, but were loaded from outside of this tree."""
        for name, module in list(sys.modules.items()):
            where = getattr(module, "__file__", None)
            if not isinstance(where, str) or not where.endswith(".py"):
                continue
            real = os.path.realpath(where)
            if self._name(real) is not None or any(
                real.startswith(folder) and not set(_INSTALLED) & set(real.split(os.sep))
                for folder in self._library
            ):
                continue
            tail = name.replace(".", "/")
            tail += "/__init__.py" if os.path.basename(real) == "__init__.py" else ".py"
            for listed in self._listed:
                if listed == tail or listed.endswith("/" + tail):
                    self._note("elsewhere", listed, where)

    def _name(self, path):
        """The file's path below this tree; None for what is no part of the project."""
        real = os.path.realpath(path)
        if not _is_below(real, self._tree) or self._is_installed(real):
            return None
        return os.path.relpath(real, self._tree).replace(os.sep, "/")

    def _is_installed(self, real):
        if set(_INSTALLED) & set(real.split(os.sep)):
            return True
        return any(real.startswith(prefix) for prefix in self._prefixes)

    def _hear(self, event, arguments):
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str) and not (isinstance(flags, int) and flags & _WRITING):
                whole = os.path.abspath(path)
                is_ours = self._reading == (threading.get_ident(), whole)
                if whole.startswith(self._tree) and not is_ours:
                    self._opened.add(whole)
        elif event in _CHILDREN:
            self._note("children", event, True)


class _Finder:
    """Asks the other finders, then makes what they found this side's own."""

    def __init__(self, code):
        self._code = code

    def find_spec(self, name, path=None, target=None):
        """The module's spec as the others find it, from this side's tree where it is the project's.

        Raises ModuleNotFoundError where only another copy of the project holds the module.
        """
        for finder in sys.meta_path:
            ask = getattr(finder, "find_spec", None)
            if finder is self or ask is None:
                continue
            spec = ask(name, path, target)
            if spec is not None:
                return self._own(spec)
        return None

    def _own(self, spec):
        places = spec.submodule_search_locations
        if not spec.has_location:
            if places is not None and spec.origin is None:
                own = [self._code.own_place(place) for place in places]
                if own != list(places):
                    spec.submodule_search_locations = own
            return spec
        own = self._code.own_place(spec.origin)
        if own != spec.origin and not os.path.exists(own):
            if spec.origin.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES)):
                return spec  # built where the user works: no commit holds it
            raise ModuleNotFoundError("No module named %r in %s" % (spec.name, own), name=spec.name)
        return self._fresh(spec, own)

    def _fresh(self, spec, own):
        is_source = type(spec.loader) is importlib.machinery.SourceFileLoader
        if not is_source or (own == spec.origin and self._code._name(own) is None):
            return spec
        return importlib.util.spec_from_file_location(
            spec.name,
            own,
            loader=_Source(spec.name, own, self._code),
            submodule_search_locations=(
                None if spec.submodule_search_locations is None else [os.path.dirname(own)]
            ),
        )


class _Source(importlib.machinery.SourceFileLoader):
    """Compiles a module of the project from its source, never from kept bytecode.

    Bytecode is told apart by the second and the size: an edit in the same second would be missed.
    """

    def __init__(self, name, path, code):
        super().__init__(name, path)
        self._code = code

    def path_stats(self, path):
        """Says that nothing is known of the file, so no bytecode is asked for or written."""
        raise OSError

    def get_data(self, path):
        """The source, noted as it was read."""
        content = super().get_data(path)
        self._code.take(path, content)
        return content


def _redirect(finder, own_place):
    """Changes the tables of an editable install's finder, as far as they are of a known form."""
    module = sys.modules.get(getattr(finder, "__module__", None))
    tables = [getattr(module, name, None) for name in ("MAPPING", "NAMESPACES")]
    tables += [getattr(finder, name, None) for name in ("_redirections", "_known_source_files")]
    for table in tables:
        if not isinstance(table, dict):
            continue
        for key, value in list(table.items()):
            if isinstance(value, str):
                table[key] = own_place(value)
            elif isinstance(value, list):
                table[key] = [own_place(item) for item in value]


def _folders(*paths):
    return [os.path.realpath(path) + os.sep for path in paths]


def _is_below(path, folder):
    return path.startswith(folder + os.sep)


def _digest(content):
    """As releases digest their files: line ends as one, where the file is text."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        content = content.replace(b"\r\n", b"\n")
        if content.startswith(b"\xef\xbb\xbf"):
            content = content[3:]
    return "sha256:" + hashlib.sha256(content).hexdigest()
