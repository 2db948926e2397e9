#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What POSIX and Linux have a read-only file system answer, asked of a mount.

Usage: read-only.py MOUNT HISTORY OUTSIDE

Runs as whoever calls it, tells each case that went wrong, and then how many there were. OUTSIDE is a directory on
another file system that may be written to. The cases are those of pjdfstest's EROFS scripts and of LTP's fs_readonly
tests, and what else the kernel's file system calls have; where the kernel looks at something before it looks whether
it may write, that error is the right one.
"""

import array
import ctypes
import errno
import fcntl
import mmap
import os
import select
import socket
import stat
import struct
import sys

MOUNT, HISTORY, OUTSIDE = sys.argv[1:4]
LIBC = ctypes.CDLL(None, use_errno=True)
EROFS, RENAME_NOREPLACE, RENAME_EXCHANGE = errno.EROFS, 1, 2
AT_FDCWD = -100
FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR = 0x40086602, 0x401C5820

cases = 0
failures = []


def case(name, found, expected):
    global cases
    cases += 1
    if found not in expected:
        def word(value):
            return errno.errorcode.get(value, value) if isinstance(value, int) else value
        failures.append(f"{name}: {word(found)} instead of {'/'.join(str(word(e)) for e in expected)}")


def refused(name, expected, call, *arguments, **options):
    """The call fails with one of these errors."""
    expected = expected if isinstance(expected, tuple) else (expected,)
    try:
        result = call(*arguments, **options)
        if isinstance(result, int) and call is os.open:
            os.close(result)
        case(name, "done", expected)
    except OSError as error:
        case(name, error.errno, expected)


def holds(name, condition):
    case(name, bool(condition), (True,))


def libc(function, *arguments):
    if getattr(LIBC, function)(*arguments) == -1:
        raise OSError(ctypes.get_errno(), function)


def with_descriptor(path, flags, call):
    descriptor = os.open(path, flags)
    try:
        return call(descriptor)
    finally:
        os.close(descriptor)


def refused_open(name, expected, path, flags, call):
    refused(name, expected, with_descriptor, path, flags, call)


def bind_socket(path):
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(path)


HISTORY_PATH = os.path.join(MOUNT, HISTORY)
CHECKPOINT = os.path.join(HISTORY_PATH, "chk-1")
CONTROL = os.path.join(MOUNT, ".ckptfs")
TABLES = sorted(n for n in os.listdir(CHECKPOINT) if n.endswith(".sst"))
FILES = [os.path.join(CHECKPOINT, "CURRENT"), os.path.join(CHECKPOINT, TABLES[0]),
         os.path.join(CONTROL, "status.json"), os.path.join(CONTROL, "metrics")]
DIRECTORIES = [MOUNT, HISTORY_PATH, CHECKPOINT, os.path.join(HISTORY_PATH, "tags"),
               os.path.join(HISTORY_PATH, "by-time"), CONTROL, os.path.join(CONTROL, "checkpoints")]
LINK = os.path.join(HISTORY_PATH, "latest")
ELSEWHERE = os.path.join(OUTSIDE, "elsewhere-%d" % os.getuid())
with open(ELSEWHERE, "w") as file:
    file.write("elsewhere")


def files_cannot_change(path):
    for words, flags in [
            ("O_WRONLY", os.O_WRONLY), ("O_RDWR", os.O_RDWR), ("O_APPEND", os.O_WRONLY | os.O_APPEND),
            ("O_TRUNC", os.O_WRONLY | os.O_TRUNC), ("O_RDONLY|O_TRUNC", os.O_RDONLY | os.O_TRUNC),
            ("O_RDWR|O_CREAT", os.O_RDWR | os.O_CREAT), ("creat", os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
            ("O_RDWR|O_DIRECT", os.O_RDWR | os.O_DIRECT), ("O_RDWR|O_NONBLOCK", os.O_RDWR | os.O_NONBLOCK)]:
        refused(f"open({path}, {words})", EROFS, os.open, path, flags)
    refused(f"open({path}, O_CREAT|O_EXCL)", errno.EEXIST, os.open, path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.close(os.open(path, os.O_RDONLY | os.O_CREAT))
    refused(f"truncate({path})", EROFS, os.truncate, path, 0)
    refused(f"unlink({path})", EROFS, os.unlink, path)
    refused(f"rmdir({path})", (EROFS, errno.ENOTDIR), os.rmdir, path)
    refused(f"mkdir({path})", errno.EEXIST, os.mkdir, path)
    refused(f"symlink(x, {path})", errno.EEXIST, os.symlink, "x", path)
    refused(f"mknod({path})", errno.EEXIST, os.mknod, path)
    refused(f"link({path}, itself)", errno.EEXIST, os.link, path, path)
    refused(f"open({path}/x)", errno.ENOTDIR, os.open, path + "/x", os.O_RDONLY)
    refused(f"mkdir({path}/x)", errno.ENOTDIR, os.mkdir, path + "/x")
    refused(f"open({path}, O_DIRECTORY)", errno.ENOTDIR, os.open, path, os.O_RDONLY | os.O_DIRECTORY)
    refused(f"execve({path})", errno.EACCES, os.execv, path, [path])
    refused(f"readlink({path})", errno.EINVAL, os.readlink, path)
    refused(f"chdir({path})", errno.ENOTDIR, os.chdir, path)
    refused_open(f"write({path})", errno.EBADF, path, os.O_RDONLY, lambda f: os.write(f, b"x"))
    refused_open(f"pwrite({path})", errno.EBADF, path, os.O_RDONLY, lambda f: os.pwrite(f, b"x", 0))
    refused_open(f"ftruncate({path})", errno.EINVAL, path, os.O_RDONLY, lambda f: os.ftruncate(f, 0))
    refused_open(f"posix_fallocate({path})", errno.EBADF, path, os.O_RDONLY, lambda f: os.posix_fallocate(f, 0, 1))
    refused_open(f"fallocate({path})", errno.EBADF, path, os.O_RDONLY,
                 lambda f: libc("fallocate", f, 3, ctypes.c_long(0), ctypes.c_long(1)))
    refused_open(f"copy_file_range into {path}", errno.EBADF, path, os.O_RDONLY,
                 lambda f: with_descriptor(ELSEWHERE, os.O_RDONLY, lambda g: os.copy_file_range(g, f, 1)))
    refused_open(f"sendfile into {path}", errno.EBADF, path, os.O_RDONLY,
                 lambda f: with_descriptor(ELSEWHERE, os.O_RDONLY, lambda g: os.sendfile(f, g, 0, 1)))
    refused_open(f"mmap({path}, shared, writable)", errno.EACCES, path, os.O_RDONLY,
                 lambda f: mmap.mmap(f, 1, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE))
    refused_open(f"fcntl({path}, F_WRLCK)", errno.EBADF, path, os.O_RDONLY, lambda f: fcntl.lockf(f, fcntl.LOCK_EX))


def nothing_has_other_attributes(path):
    words = path
    refused(f"chmod({words})", EROFS, os.chmod, path, 0o600)
    refused(f"chown({words})", EROFS, os.chown, path, os.getuid(), os.getgid())
    refused(f"lchown({words})", EROFS, os.lchown, path, os.getuid(), os.getgid())
    refused(f"utimensat({words}, now)", EROFS, os.utime, path)
    refused(f"utimensat({words}, 1)", EROFS, os.utime, path, (1, 1))
    refused(f"setxattr({words})", EROFS, os.setxattr, path, "user.a", b"b")
    refused(f"setxattr({words}, trusted)", EROFS, os.setxattr, path, "trusted.a", b"b")
    refused(f"setxattr({words}, acl)", (EROFS, errno.EOPNOTSUPP, errno.EINVAL), os.setxattr, path,
            "system.posix_acl_access", b"\2\0\0\0")
    refused(f"removexattr({words})", EROFS, os.removexattr, path, "user.a")
    refused(f"access({words}, W_OK)", EROFS, lambda: libc("access", os.fsencode(path), os.W_OK))
    refused(f"eaccess({words}, W_OK)", EROFS,
            lambda: libc("faccessat", AT_FDCWD, os.fsencode(path), os.W_OK, 0x200))
    for call, action in [("fchmod", lambda f: os.fchmod(f, 0o600)),
                         ("fchown", lambda f: os.fchown(f, os.getuid(), os.getgid())),
                         ("futimens", lambda f: os.utime(f, (1, 1))),
                         ("fsetxattr", lambda f: os.setxattr(f, "user.a", b"b")),
                         ("fremovexattr", lambda f: os.removexattr(f, "user.a"))]:
        refused_open(f"{call}({words})", EROFS, path, os.O_RDONLY, action)
    refused_open(f"ioctl({words}, FS_IOC_SETFLAGS)", (EROFS, errno.ENOTTY), path, os.O_RDONLY,
                 lambda f: fcntl.ioctl(f, FS_IOC_SETFLAGS, struct.pack("l", 0x10)))
    refused_open(f"ioctl({words}, FS_IOC_FSSETXATTR)", (EROFS, errno.ENOTTY), path, os.O_RDONLY,
                 lambda f: fcntl.ioctl(f, FS_IOC_FSSETXATTR, bytes(28)))
    holds(f"access({words}, R_OK)", os.access(path, os.R_OK))
    holds(f"access({words}, F_OK)", os.access(path, os.F_OK))


def directories_cannot_change(path):
    new = os.path.join(path, "new")
    for words, flags in [("O_CREAT", os.O_CREAT | os.O_RDONLY), ("O_CREAT|O_WRONLY", os.O_CREAT | os.O_WRONLY),
                         ("O_CREAT|O_EXCL", os.O_CREAT | os.O_EXCL | os.O_RDWR),
                         ("creat", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)]:
        refused(f"open({new}, {words})", EROFS, os.open, new, flags, 0o600)
    refused(f"open({new})", errno.ENOENT, os.open, new, os.O_RDONLY)
    refused(f"open({path}, O_TMPFILE)", EROFS, os.open, path, os.O_TMPFILE | os.O_RDWR, 0o600)
    refused(f"open({path}, O_WRONLY)", errno.EISDIR, os.open, path, os.O_WRONLY)
    refused(f"open({path}, O_CREAT)", errno.EISDIR, os.open, path, os.O_CREAT | os.O_RDONLY)
    refused_open(f"read({path})", errno.EISDIR, path, os.O_RDONLY, lambda f: os.read(f, 1))
    refused(f"mkdir({new})", EROFS, os.mkdir, new)
    refused(f"mkdir({path})", errno.EEXIST, os.mkdir, path)
    refused(f"mkdir({new}/x)", errno.ENOENT, os.mkdir, new + "/x")
    # The name of the mount point itself is in the directory around it.
    around = (errno.EACCES, errno.EBUSY) if path == MOUNT else ()
    refused(f"rmdir({path})", (EROFS,) + around, os.rmdir, path)
    refused(f"rmdir({path}/.)", errno.EINVAL, os.rmdir, path + "/.")
    refused(f"rmdir({new})", (EROFS, errno.ENOENT), os.rmdir, new)
    refused(f"unlink({path})", (EROFS,) + around + (errno.EISDIR,) * len(around), os.unlink, path)
    refused(f"unlink({new})", (EROFS, errno.ENOENT), os.unlink, new)
    for words, kind in [("fifo", stat.S_IFIFO), ("file", stat.S_IFREG), ("socket", stat.S_IFSOCK),
                        ("device", stat.S_IFCHR), ("disk", stat.S_IFBLK)]:
        expected = (EROFS, errno.EPERM) if words in ("device", "disk") else EROFS
        refused(f"mknod({new}, {words})", expected, os.mknod, new, kind | 0o600, os.makedev(1, 3))
    refused(f"symlink(x, {new})", EROFS, os.symlink, "x", new)
    refused(f"bind({new})", (EROFS, errno.ENAMETOOLONG), bind_socket, os.path.relpath(new))
    refused(f"link into {path}", (EROFS, errno.EXDEV), os.link, ELSEWHERE, new)
    refused(f"rename into {path}", errno.EXDEV, os.rename, ELSEWHERE, new)
    refused(f"truncate({path})", errno.EISDIR, os.truncate, path, 0)
    long = os.path.join(path, "x" * 256)
    refused(f"stat of 256 bytes in {path}", errno.ENAMETOOLONG, os.stat, long)
    refused(f"mkdir of 256 bytes in {path}", (errno.ENAMETOOLONG, EROFS), os.mkdir, long)
    refused(f"stat of 4096 bytes in {path}", errno.ENAMETOOLONG, os.stat, path + "/." * 2100)


def names_cannot_change():
    current, table = FILES[0], FILES[1]
    new = os.path.join(CHECKPOINT, "new")
    refused("rename of a file", EROFS, os.rename, current, new)
    refused("rename onto a file", EROFS, os.rename, current, table)
    refused("rename of a file onto itself", (EROFS,), os.rename, current, current)
    refused("rename of what is absent", (EROFS, errno.ENOENT), os.rename, new, current)
    refused("rename of a directory", EROFS, os.rename, CHECKPOINT, os.path.join(HISTORY_PATH, "new"))
    refused("rename of a link", EROFS, os.rename, LINK, os.path.join(HISTORY_PATH, "new"))
    refused("rename out", errno.EXDEV, os.rename, current, os.path.join(OUTSIDE, "out"))
    for words, flags in [("NOREPLACE", RENAME_NOREPLACE), ("EXCHANGE", RENAME_EXCHANGE)]:
        refused(f"renameat2 {words}", EROFS,
                lambda: libc("renameat2", AT_FDCWD, os.fsencode(current), AT_FDCWD,
                             os.fsencode(table if flags == RENAME_EXCHANGE else new), flags))
    refused("link of a file", EROFS, os.link, current, new)
    refused("link of what is absent", errno.ENOENT, os.link, new, new + "er")
    refused("link of a directory", (EROFS, errno.EPERM), os.link, CHECKPOINT, new)
    refused("link out", errno.EXDEV, os.link, current, os.path.join(OUTSIDE, "out"))
    refused("unlink of a link", EROFS, os.unlink, LINK)
    refused("chmod through a link", EROFS, os.chmod, LINK, 0o700)
    refused("lchown of a link", EROFS, os.lchown, LINK, os.getuid(), os.getgid())
    refused("utimensat of a link", EROFS, os.utime, LINK, (1, 1), follow_symlinks=False)
    refused("lsetxattr of a link", (EROFS, errno.EPERM), os.setxattr, LINK, "user.a", b"b", follow_symlinks=False)
    refused("open of a link, O_NOFOLLOW", errno.ELOOP, os.open, LINK, os.O_RDONLY | os.O_NOFOLLOW)
    refused("open of a link with a slash, O_WRONLY", errno.EISDIR, os.open, LINK + "/", os.O_WRONLY)
    refused("a directory's name with a slash on a file", errno.ENOTDIR, os.stat, current + "/")


def reading(path):
    words = path
    size = os.stat(path).st_size
    with open(path, "rb") as file:
        content = file.read()
    holds(f"size of {words}", len(content) == size or path.startswith(CONTROL))
    size = len(content)
    is_control = path.startswith(CONTROL)

    def same(found, wanted):
        # What a control file says is as of each opening.
        return len(found) == len(wanted) if not is_control else bool(found) or not wanted

    descriptor = os.open(path, os.O_RDONLY)
    try:
        if is_control:
            content = os.pread(descriptor, 1 << 22, 0)
            size = len(content)
        before = os.fstat(descriptor).st_atime_ns
        holds(f"pread of {words}", os.pread(descriptor, size + 10, 0) == content)
        holds(f"pread at the end of {words}", os.pread(descriptor, 10, size) == b"")
        holds(f"pread far behind {words}", os.pread(descriptor, 10, size + (1 << 40)) == b"")
        refused(f"pread before {words}", errno.EINVAL, os.pread, descriptor, 1, -1)
        parts = [bytearray(3), bytearray(5)]
        count = os.preadv(descriptor, parts, 1)
        holds(f"preadv of {words}", (bytes(parts[0]) + bytes(parts[1]))[:count] == content[1:9][:count])
        try:
            count = os.preadv(descriptor, parts, 0, getattr(os, "RWF_NOWAIT", 8))
            holds(f"preadv2(RWF_NOWAIT) of {words}", bytes(parts[0])[:count] == content[:3][:count])
        except OSError as error:
            case(f"preadv2(RWF_NOWAIT) of {words}", error.errno, (errno.EAGAIN, errno.EOPNOTSUPP))
        holds(f"lseek to the end of {words}", os.lseek(descriptor, 0, os.SEEK_END) in (size, os.fstat(descriptor).st_size))
        holds(f"SEEK_DATA of {words}", os.lseek(descriptor, 0, os.SEEK_DATA) == 0)
        holds(f"SEEK_HOLE of {words}", os.lseek(descriptor, 0, os.SEEK_HOLE) > 0)
        refused(f"SEEK_DATA behind {words}", errno.ENXIO, os.lseek, descriptor, 1 << 50, os.SEEK_DATA)
        refused(f"SEEK_HOLE behind {words}", errno.ENXIO, os.lseek, descriptor, 1 << 50, os.SEEK_HOLE)
        refused(f"lseek before {words}", errno.EINVAL, os.lseek, descriptor, -1, os.SEEK_SET)
        os.fsync(descriptor)
        os.fdatasync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_WILLNEED)
        holds(f"atime of {words}", os.fstat(descriptor).st_atime_ns == before or is_control)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.lockf(descriptor, fcntl.LOCK_UN)
        holds(f"locks on {words}", True)
        ready = select.poll()
        ready.register(descriptor, select.POLLIN)
        holds(f"poll of {words}", ready.poll(0) == [(descriptor, select.POLLIN)])
        target = os.open(os.path.join(OUTSIDE, "copy-%d" % os.getuid()), os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            holds(f"sendfile of {words}", os.sendfile(target, descriptor, 0, size) == min(size, 0x7FFFF000))
            holds(f"what sendfile wrote of {words}", os.pread(target, size + 1, 0) == content)
            os.ftruncate(target, 0)
            try:
                os.copy_file_range(descriptor, target, size, 0, 0)
                holds(f"what copy_file_range wrote of {words}",
                      content.startswith(os.pread(target, size + 1, 0)))
            except OSError as error:
                case(f"copy_file_range of {words}", error.errno, (errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP))
        finally:
            os.close(target)
        reader, writer = os.pipe()
        try:
            if hasattr(os, "splice"):
                count = os.splice(descriptor, writer, min(size, 4096), 0)
                holds(f"splice of {words}", os.read(reader, 4096) == content[:count])
        finally:
            os.close(reader)
            os.close(writer)
        if not is_control:
            with mmap.mmap(descriptor, 0, mmap.MAP_SHARED, mmap.PROT_READ) as shared:
                holds(f"shared mapping of {words}", shared[:] == content)
            with mmap.mmap(descriptor, 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE) as private:
                private[0:1] = b"\xff"
            holds(f"{words} after a private mapping was written to", os.pread(descriptor, size, 0) == content)
    finally:
        os.close(descriptor)
    refused(f"O_NOATIME on {words}", (errno.EPERM,), os.open, path, os.O_NOATIME) \
        if os.getuid() not in (0, os.stat(path).st_uid) else os.close(os.open(path, os.O_NOATIME))
    try:
        direct = os.open(path, os.O_RDONLY | os.O_DIRECT)
        with mmap.mmap(-1, 1 << 20) as aligned:
            count = os.preadv(direct, [aligned], 0)
            holds(f"O_DIRECT of {words}", aligned[:count] == content[:count] if not is_control else count > 0)
        os.close(direct)
    except OSError as error:
        case(f"O_DIRECT of {words}", error.errno, (errno.EINVAL,))
    refused(f"getxattr of {words}", (errno.ENODATA, errno.EOPNOTSUPP), os.getxattr, path, "user.absent")


def listing(path):
    entries = list(os.scandir(path))
    for entry in entries:
        status = entry.stat(follow_symlinks=False)
        holds(f"d_ino of {entry.path}", entry.inode() == status.st_ino)
        holds(f"d_type of {entry.path}",
              (entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False), entry.is_symlink())
              == (stat.S_ISDIR(status.st_mode), stat.S_ISREG(status.st_mode), stat.S_ISLNK(status.st_mode)))
        holds(f"links of {entry.path}", status.st_nlink >= 1)
    dot, above = os.stat(path + "/."), os.stat(path + "/..")
    holds(f"{path}/.", dot.st_ino == os.stat(path).st_ino)
    if path != MOUNT:
        holds(f"{path}/..", above.st_ino == os.stat(os.path.dirname(path)).st_ino)
    LIBC.opendir.restype = ctypes.c_void_p
    LIBC.readdir.restype = ctypes.c_void_p
    LIBC.telldir.restype = ctypes.c_long
    stream = ctypes.c_void_p(LIBC.opendir(os.fsencode(path)))

    def next_name():
        entry = LIBC.readdir(stream)
        return ctypes.string_at(entry + 19) if entry else None

    def places():
        found = []
        while True:
            place = LIBC.telldir(stream)
            name = next_name()
            if name is None:
                return found
            found.append((place, name))

    first = places()
    for place, name in first[::max(1, len(first) // 50)]:
        LIBC.seekdir(stream, ctypes.c_long(place))
        holds(f"seekdir to {name} of {path}", next_name() == name)
    LIBC.rewinddir(stream)
    holds(f"rewinddir of {path}", [n for _, n in places()] == [n for _, n in first])
    holds(f"names of {path}", sorted(n for _, n in first if n not in (b".", b".."))
          == sorted(os.fsencode(e.name) for e in entries))
    LIBC.closedir(stream)


def the_file_system():
    status = os.statvfs(MOUNT)
    holds("ST_RDONLY", status.f_flag & os.ST_RDONLY)
    holds("ST_NOSUID and ST_NODEV", status.f_flag & os.ST_NOSUID and status.f_flag & os.ST_NODEV)
    holds("the longest name", status.f_namemax == 255 and os.pathconf(MOUNT, "PC_NAME_MAX") == 255)
    holds("the longest path", os.pathconf(MOUNT, "PC_PATH_MAX") == 4096)
    holds("the most links", os.pathconf(FILES[0], "PC_LINK_MAX") >= 1)
    holds("no set-id bits", all(os.lstat(p).st_mode & 0o6000 == 0 for p in FILES + DIRECTORIES))
    descriptor = os.open(MOUNT, os.O_RDONLY)
    libc("syncfs", descriptor)
    os.fsync(descriptor)
    os.fchdir(descriptor)
    holds("getcwd", os.getcwd() == MOUNT)
    os.chdir("/")
    os.close(descriptor)
    notifications = LIBC.inotify_init1(os.O_NONBLOCK)
    LIBC.inotify_add_watch(notifications, os.fsencode(FILES[0]), 0x21)  # IN_ACCESS | IN_OPEN
    with open(FILES[0], "rb") as file:
        file.read()
    holds("inotify tells of readers", len(os.read(notifications, 4096)) >= 32)
    os.close(notifications)


def whole(section, *arguments):
    """What ends a section before its last case is a failure, too."""
    try:
        section(*arguments)
    except Exception as error:
        holds(f"{section.__name__}{arguments} to its end: {error!r}", False)


for path in FILES:
    for section in (files_cannot_change, nothing_has_other_attributes, reading):
        whole(section, path)
for path in DIRECTORIES:
    for section in (directories_cannot_change, nothing_has_other_attributes, listing):
        whole(section, path)
whole(names_cannot_change)
whole(the_file_system)
for failure in failures:
    print(failure)
print(f"{cases} cases, {len(failures)} failures")
sys.exit(1 if failures else 0)
