#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes to a database and keeps three checkpoints of it, while it stays open.

    commit_checkpoints.py DATABASE HISTORY        (the store is $CKPTFS_STORE)

Debian has no binding of RocksDB for Python, so this one is made here of RocksDB's C API, as much as is needed. With
another binding that has Checkpoint only `commit_checkpoint` matters.
"""

import ctypes
import json
import os
import shutil
import subprocess
import sys

LIBRARIES = ("librocksdb.so", "librocksdb.so.7.8")


class RocksDBError(Exception):
    """What RocksDB said."""


def load():
    for name in LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        handle, text, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
        error = ctypes.POINTER(ctypes.c_void_p)
        for function, result, arguments in (
                ("options_create", handle, ()),
                ("options_set_create_if_missing", None, (handle, ctypes.c_ubyte)),
                ("options_destroy", None, (handle,)),
                ("open", handle, (handle, text, error)),
                ("close", None, (handle,)),
                ("writeoptions_create", handle, ()),
                ("writeoptions_destroy", None, (handle,)),
                ("put", None, (handle, handle, text, size, text, size, error)),
                ("checkpoint_object_create", handle, (handle, error)),
                ("checkpoint_create", None, (handle, text, ctypes.c_uint64, error)),
                ("checkpoint_object_destroy", None, (handle,)),
                ("free", None, (handle,))):
            function = getattr(library, "rocksdb_" + function)
            function.restype, function.argtypes = result, arguments
        return library
    raise SystemExit("commit_checkpoints.py: there is no librocksdb; apt-get install librocksdb7.8")


class Database:
    """An open database. Use it in a `with` statement, which closes it."""

    def __init__(self, path):
        self.rocksdb = load()
        self.path = path
        options = self.rocksdb.rocksdb_options_create()
        self.rocksdb.rocksdb_options_set_create_if_missing(options, 1)
        try:
            self.handle = self._checked(
                self.rocksdb.rocksdb_open, options, os.fsencode(path))
        finally:
            self.rocksdb.rocksdb_options_destroy(options)
        self.write_options = self.rocksdb.rocksdb_writeoptions_create()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.rocksdb.rocksdb_writeoptions_destroy(self.write_options)
        self.rocksdb.rocksdb_close(self.handle)

    def _checked(self, function, *arguments):
        error = ctypes.c_void_p()
        result = function(*arguments, ctypes.byref(error))
        if error.value is not None:
            message = ctypes.string_at(error.value).decode(errors="replace")
            self.rocksdb.rocksdb_free(error)
            raise RocksDBError(message)
        return result

    def put(self, key, value):
        self._checked(self.rocksdb.rocksdb_put, self.handle, self.write_options,
                      key, len(key), value, len(value))

    def create_checkpoint(self, directory):
        """Makes a new directory with hard links of this moment's files."""
        checkpoint = self._checked(self.rocksdb.rocksdb_checkpoint_object_create, self.handle)
        try:
            # 0 flushes first. Any other number copies a shorter log instead, and would lose what was written without
            # the log.
            self._checked(
                self.rocksdb.rocksdb_checkpoint_create, checkpoint, os.fsencode(directory), 0)
        finally:
            self.rocksdb.rocksdb_checkpoint_object_destroy(checkpoint)


def commit_checkpoint(database, history):
    """Keeps the database as it is now as the next checkpoint of `history`; returns what ckptfs tells of it.

    Writers may go on. When this returns the checkpoint is durable; when it raises it is not there.
    """
    # On the database's file system, so that RocksDB makes hard links; nobody else may write there.
    directory = database.path.rstrip("/") + ".checkpoint"
    # What a run that was killed has left. RocksDB makes DIRECTORY.tmp first, and fails if it is there.
    for left_over in (directory, directory + ".tmp"):
        if os.path.lexists(left_over):
            shutil.rmtree(left_over)
    try:
        database.create_checkpoint(directory)
        committed = subprocess.run(
            ["ckptfs", "commit", directory, "--history", history, "--json"],
            stdout=subprocess.PIPE, check=True)
        return json.loads(committed.stdout)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    _, path, history = sys.argv
    with Database(path) as database:
        for round_ in range(1, 4):
            for row in range(1000):
                database.put(b"%d" % (round_ * 1000 + row), b"x" * 100)
            database.put(b"round", b"%d" % round_)
            print(json.dumps(commit_checkpoint(database, history)))


if __name__ == "__main__":
    main()
