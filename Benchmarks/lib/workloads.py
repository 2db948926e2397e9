# SPDX-License-Identifier: Apache-2.0
"""What is measured. A workload takes the root of a contender's tree and returns one number."""

import json
import os
import pathlib
import re
import statistics
import subprocess
import time

from .contenders import run

DATABASE = pathlib.Path("db/chk-1")
MANY = pathlib.Path("many")
SMALL_FILES = "open+read+close"


def drop_caches():
    os.sync()
    pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")


class Workload:
    """`is_rate`: more is better; else it is a time, and less is."""

    def __init__(self, name, unit, is_rate, measure, cold=False, goal=None):
        self.name, self.unit, self.is_rate = name, unit, is_rate
        self.measure, self.cold, self.goal = measure, cold, goal

    def run(self, root):
        if self.cold:
            drop_caches()
        else:
            self.measure(root)
        return self.measure(root)

    def ratio(self, value, native):
        return value / native


def tables(root):
    files = sorted((root / DATABASE).glob("*.sst"), key=lambda file: -file.stat().st_size)
    return [str(file) for file in files[:16]]


def fio(root, *options):
    report = run(
        "fio", "--name=read", f"--filename={':'.join(tables(root))}", "--readonly",
        "--invalidate=0", "--fadvise_hint=0", "--file_service_type=sequential", "--output-format=json", *options)
    return json.loads(report[report.index("{"):])["jobs"][0]["read"]


def lasting(seconds):
    """Again and again for so long; without it everything is read once. fio counts in milliseconds, in which memory
    gives megabytes: one pass says little of what is cached, and a second of random reads little of what is not."""
    return () if seconds is None else ("--time_based", f"--runtime={seconds}")


def sequential(engine, seconds):
    def measure(root):
        options = ("--rw=read", "--bs=1M", *lasting(seconds))
        return fio(root, f"--ioengine={engine}", *options)["bw_bytes"] / (1 << 20)
    return measure


def first_read(root):
    """All tables once, in MiB/s, from the look for their names on: fio looks at each file before its clock runs, which natively reads
    the inode, and through a mount only the first opening does."""
    names = tables(root)
    drop_caches()
    buffer, size = bytearray(1 << 20), 0
    start = time.monotonic()
    for name in names:
        file = os.open(name, os.O_RDONLY)
        while count := os.readv(file, [buffer]):
            size += count
        os.close(file)
    return size / (1 << 20) / (time.monotonic() - start)


def random_reads(engine, seconds=None):
    """Each block once, in the same order for all, or blocks at random for so long."""
    def measure(root):
        options = ("--rw=randread", "--bs=4k", "--file_service_type=random", *lasting(seconds))
        return fio(root, f"--ioengine={engine}", *options)["iops"]
    return measure


def db_bench(benchmark, mmap, keys, *limit):
    def measure(root):
        report = run(
            "db_bench", f"--db={root / DATABASE}", "--use_existing_db", "--readonly",
            f"--benchmarks={benchmark}", f"--num={keys}", *limit,
            f"--mmap_read={int(mmap)}", "--compression_type=none", "--seed=1")
        return float(re.search(rf"{benchmark}\s*:.*?(\d+) ops/sec", report)[1])
    return measure


def run_time(*command):
    """Seconds that a command takes once."""
    def measure(root):
        start = time.monotonic()
        with open(os.devnull, "wb") as sink:
            subprocess.run([part.format(root=root) for part in command], stdout=sink, check=True)
        return time.monotonic() - start
    return measure


def median_run_time(seconds, *command):
    """The median over as many runs as there is time for: one of some milliseconds says little."""
    once = run_time(*command)

    def measure(root):
        times = []
        while sum(times) < seconds:
            times.append(once(root))
        return statistics.median(times)
    return measure


def small_files(root):
    """Microseconds to open, read and close one small file."""
    names = [str(file / "CURRENT") for file in sorted((root / MANY).glob("chk-*"))]
    rounds = max(1, 2000 // len(names))
    start = time.monotonic()
    for _ in range(rounds):
        for name in names:
            file = os.open(name, os.O_RDONLY)
            os.read(file, 4096)
            os.close(file)
    return (time.monotonic() - start) * 1e6 / (rounds * len(names))


def all_workloads(seconds, keys):
    lasting_reads = f"--duration={seconds}"
    return [
        Workload("sequential, cold", "MiB/s", True, first_read, cold=True, goal=0.97),
        Workload("sequential, warm", "MiB/s", True, sequential("psync", seconds), goal=0.97),
        Workload("sequential mmap, warm", "MiB/s", True, sequential("mmap", seconds), goal=0.97),
        Workload("random 4K, cold", "IOPS", True, random_reads("psync"), cold=True, goal=0.95),
        Workload("random 4K, warm", "IOPS", True, random_reads("psync", seconds), goal=0.95),
        Workload("random 4K mmap, warm", "IOPS", True, random_reads("mmap", seconds), goal=0.97),
        Workload("db_bench readrandom", "ops/s", True,
                 db_bench("readrandom", False, keys, lasting_reads), goal=0.95),
        Workload("db_bench readrandom, mmap", "ops/s", True,
                 db_bench("readrandom", True, keys, lasting_reads), goal=0.95),
        Workload("db_bench readseq", "ops/s", True, db_bench("readseq", False, keys)),
        Workload("find, repeated", "s", False, median_run_time(seconds, "find", "{root}/many"),
                 goal=1.2),
        Workload("ls -lR, repeated", "s", False, median_run_time(seconds, "ls", "-lR", "{root}/many"),
                 goal=1.2),
        Workload("tar, cold", "s", False,
                 run_time("sh", "-c", "tar -C {root} -cf - db/chk-1 | cat"), cold=True),
        Workload(SMALL_FILES, "µs", False, small_files, goal=5),
    ]
