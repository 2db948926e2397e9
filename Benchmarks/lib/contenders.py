# SPDX-License-Identifier: Apache-2.0
"""The file systems that are compared: each shows the same tree, mounted read-only."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time


def run(*command, **options):
    result = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{command[0]} failed with {result.returncode}: {result.stdout[-2000:]}")
    return result.stdout


def is_mounted(place):
    """Also where the process of the mount is gone, so that no look at it succeeds."""
    return any(line.split()[1] == str(place)
               for line in pathlib.Path("/proc/self/mounts").read_text().splitlines())


def wait_until_mounted(place, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_mounted(place):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{place} was not mounted within {seconds} seconds")
        time.sleep(0.02)


def daemon_of(program, place):
    """The process that serves a mount, by its command line."""
    for process in pathlib.Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if program.encode() in words[0] + (words[1] if len(words) > 1 else b"") and \
                str(place).encode() in words:
            return int(process.name)
    return None


class Contender:
    """A way to look at the tree. `root` has db/chk-1 and many/chk-N below it."""

    name = "native"
    program = None

    def __init__(self, tree, work):
        self.tree = tree
        self.work = work
        self.root = tree
        self.place = None
        self.process = None

    @classmethod
    def is_possible(cls):
        """Whether all that it takes is installed."""
        return cls.program is None or shutil.which(cls.program) is not None

    def prepare(self):
        """What is done once: an image, a repository."""

    def mount(self):
        """Makes `root` usable; returns the seconds until it was."""
        return 0.0

    def unmount(self):
        """Takes away what `mount` made, also where it failed half-way."""
        self.root = self.tree
        if self.place and is_mounted(self.place):
            run("umount", self.place)
        elif self.process:
            self.process.terminate()
        if self.process:
            self.process.wait()
            self.process = None

    def daemon(self):
        """The process that serves it, if one does."""
        return daemon_of(self.program, self.place) if self.root != self.tree else None

    @contextlib.contextmanager
    def on_one_processor(self):
        """Keeps this process and the daemon on one processor: no request waits for another one to wake up."""
        pid = self.daemon()
        threads = [os.getpid()]
        if pid is not None:
            threads += [int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]
        everywhere = os.sched_getaffinity(0)
        try:
            for thread in threads:
                os.sched_setaffinity(thread, {min(everywhere)})
            yield
        finally:
            for thread in threads:
                os.sched_setaffinity(thread, everywhere)

    def resident(self):
        """KiB of memory that its daemon has."""
        pid = self.daemon()
        if pid is None:
            return None
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return None

    def make_place(self):
        self.place = self.work / f"mnt-{self.name.replace(' ', '-')}"
        self.place.mkdir(exist_ok=True)
        self.root = self.place
        return self.place

    def timed(self, *command, background=False):
        start = time.monotonic()
        if background:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
        else:
            run(*command)
        wait_until_mounted(self.place)
        return time.monotonic() - start


class Again(Contender):
    """The same once more: how far from 1 a ratio comes by itself."""

    name = "native again"


class Ckptfs(Contender):
    program = "ckptfs"

    def __init__(self, tree, work, binary, store, passthrough):
        super().__init__(tree, work)
        self.binary, self.store, self.passthrough = binary, store, passthrough
        self.name = f"ckptfs {'passthrough' if passthrough == 'on' else 'daemon'}"

    def mount(self):
        self.make_place()
        return self.timed(
            self.binary, "mount", self.store, self.place, "-o", f"passthrough={self.passthrough}")


class Bindfs(Contender):
    name = program = "bindfs"

    def mount(self):
        self.make_place()
        return self.timed("bindfs", "-r", self.tree, self.place)


class Squashfuse(Contender):
    name = "squashfuse"
    program = "squashfuse_ll"

    def prepare(self):
        self.image = self.work / "tree.squashfs"
        # Not compressed: the question is the file system, not the codec.
        run("mksquashfs", self.tree, self.image, "-noappend", "-noI", "-noD", "-noF", "-noX")

    def mount(self):
        self.make_place()
        return self.timed("squashfuse_ll", self.image, self.place)


class Restic(Contender):
    name = program = "restic"
    environment = {"RESTIC_PASSWORD": "benchmark"}

    def prepare(self):
        os.environ.update(self.environment)
        self.repository = self.work / "restic"
        run("restic", "init", "-q", "-r", self.repository)
        run("restic", "backup", "-q", "-r", self.repository, self.tree)

    def mount(self):
        place = self.make_place()
        seconds = self.timed("restic", "mount", "-q", "-r", self.repository, place, background=True)
        self.root = place / "snapshots" / "latest" / self.tree.relative_to("/")
        return seconds


class Borg(Contender):
    name = program = "borg"

    @classmethod
    def is_possible(cls):
        """Its mount also takes python3-llfuse or python3-pyfuse3, which Debian's package only recommends."""
        return super().is_possible() and "fuse: None" not in run("borg", "debug", "info")

    def prepare(self):
        self.repository = self.work / "borg"
        run("borg", "init", "-e", "none", self.repository)
        run("borg", "create", "-C", "none", f"{self.repository}::tree", self.tree)

    def mount(self):
        place = self.make_place()
        seconds = self.timed(
            "borg", "mount", "-f", f"{self.repository}::tree", place, background=True)
        self.root = place / self.tree.relative_to("/")
        return seconds


class Floor(Contender):
    """Answers that are ready, from C: what the protocol and libfuse take by themselves."""

    def __init__(self, tree, work, threads):
        super().__init__(tree, work)
        self.threads = threads
        self.name = f"nothing, {threads} thread{'s' if threads > 1 else ''}"

    def prepare(self):
        self.program = f"floor-{self.threads}"
        self.binary = self.work / self.program
        source = pathlib.Path(__file__).with_name("floor.c")
        run("cc", "-O2", source, "-o", self.binary,
            *run("pkg-config", "--cflags", "--libs", "fuse3").split())

    def mount(self):
        self.work.joinpath(f"mnt-floor-{self.threads}").mkdir()
        self.place = self.root = self.work / f"mnt-floor-{self.threads}"
        return self.timed(self.binary, self.place, self.threads)

    @classmethod
    def is_possible(cls):
        return shutil.which("cc") and shutil.which("pkg-config") and \
            subprocess.run(["pkg-config", "--exists", "fuse3"]).returncode == 0


def installed(tree, work, binary, store, wanted):
    """Natively, ckptfs both ways, those of the others that are there, natively again."""
    found = [Contender(tree, work)]
    found += [Ckptfs(tree, work, binary, store, mode) for mode in ("on", "off")]
    for kind in (Bindfs, Squashfuse, Restic, Borg):
        if kind.name in wanted and kind.is_possible():
            found.append(kind(tree, work))
    return found + [Again(tree, work)]
