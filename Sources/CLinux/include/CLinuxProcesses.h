// SPDX-License-Identifier: Apache-2.0
// Processes, mounts, the system log and the service manager: the parts that Swift's Glibc module lacks.
#ifndef CLINUX_PROCESSES_H
#define CLINUX_PROCESSES_H

// posix_spawn(3) with a signal mask and dispositions as at login.
//
// directory: where it starts; NULL for that of the caller. output: what becomes its standard output and
// standard error; standard input is /dev/null. detached: whether it has no other file open: a lock or pipe of
// the caller's would be held for as long as it lives.
// Returns the process id, or -1 and errno.
int linux_spawn(
    const char *path, char *const arguments[], const char *directory, int output, int detached);
// umount2(2) with UMOUNT_NOFOLLOW, and MNT_DETACH if detach is true.
int linux_unmount(const char *path, int detach);
// openlog(3); the name must stay valid.
void linux_open_log(const char *name);
// syslog(3) of one line as it is.
void linux_log(int priority, const char *line);
// setrlimit(2): raises the soft limit of open files to the hard one. Returns it, or -1 and errno.
long linux_raise_open_files(void);
// Sends one datagram to a Unix socket: name is its path, or '@' and a name of the abstract kind.
int linux_notify(const char *name, const char *message);

#endif
