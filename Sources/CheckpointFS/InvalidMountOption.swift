// SPDX-License-Identifier: Apache-2.0

/// A mount option that cannot be followed, and why.
package struct InvalidMountOption: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Flaw: Hashable, Sendable {
    case unknown
    case writable
    case noIdentity
    case noMask
    case noPolicy
    case noLevel
  }

  package let option: String
  package let flaw: Flaw

  package init(option: String, flaw: Flaw) {
    self.option = option
    self.flaw = flaw
  }

  package var description: String {
    switch flaw {
    case .unknown:
      "unknown mount option '\(option)': there are allow_other, uid=N, gid=N, umask=N, xattr, "
        + "passthrough=auto, log_level=info and ro"
    case .writable:
      "mount option '\(option)': checkpoints never change, so a mount is always read-only; leave "
        + "the option out, and copy a checkpoint or use 'ckptfs restore' to write to it"
    case .noIdentity:
      "mount option '\(option)': give a number, such as uid=1000 (see 'id -u' and 'id -g')"
    case .noMask:
      "mount option '\(option)': give octal digits up to 777, such as umask=027 for no access by others"
    case .noPolicy:
      "mount option '\(option)': give passthrough=auto, passthrough=on or passthrough=off"
    case .noLevel:
      "mount option '\(option)': give log_level=error, warning, notice, info or debug"
    }
  }
}
