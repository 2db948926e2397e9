// SPDX-License-Identifier: Apache-2.0

package import Logging

/// What `-o` asks for.
package struct MountOptions: Hashable, Sendable {
  /// Other users than the one who mounts may look.
  package var allowOther = false
  /// Offer `user.ckptfs.*`.
  package var extendedAttributes = false
  /// Who owns everything, instead of who committed it.
  package var user: UInt32?
  package var group: UInt32?

  /// Permissions that nobody gets, as of a process that makes files.
  package var umask: UInt16 = 0o022

  /// Whether the kernel reads large files by itself.
  package var passthrough = PassthroughPolicy.automatic

  /// The least urgent messages that are logged.
  package var logLevel = Logger.Level.info

  package init() {}

  /// Reads `a,b=c`, as mount(8) and fstab write it. A later option overrules an earlier one.
  package init(_ list: String) throws(InvalidMountOption) {
    for option in list.split(separator: ",") { try add(String(option)) }
  }

  private mutating func add(_ option: String) throws(InvalidMountOption) {
    let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts[0], parts.dropFirst().first) {
    case ("allow_other", nil): allowOther = true
    case ("xattr", nil): extendedAttributes = true
    case ("uid", let number): user = try Self.identity(number, in: option)
    case ("gid", let number): group = try Self.identity(number, in: option)
    case ("umask", let mask): umask = try Self.mask(mask, in: option)
    case ("passthrough", let choice): passthrough = try Self.policy(choice, in: option)
    case ("log_level", let name): logLevel = try Self.level(name, in: option)
    case ("ro", nil), ("default_permissions", nil): break
    case ("rw", nil): throw InvalidMountOption(option: option, flaw: .writable)
    case (let name, let value) where Self.isForMount(name, value: value): break
    default: throw InvalidMountOption(option: option, flaw: .unknown)
    }
  }

  /// 2^32 - 1 is no user: chown(2) takes it for "leave as it is".
  private static func identity(
    _ number: Substring?, in option: String
  ) throws(InvalidMountOption) -> UInt32 {
    guard let number, let identity = UInt32(number), identity != .max else {
      throw InvalidMountOption(option: option, flaw: .noIdentity)
    }
    return identity
  }

  private static func mask(
    _ digits: Substring?, in option: String
  ) throws(InvalidMountOption) -> UInt16 {
    guard let digits, digits.first != "+", let mask = UInt16(digits, radix: 8), mask <= 0o777 else {
      throw InvalidMountOption(option: option, flaw: .noMask)
    }
    return mask
  }

  private static func policy(
    _ choice: Substring?, in option: String
  ) throws(InvalidMountOption) -> PassthroughPolicy {
    guard let policy = choice.flatMap({ PassthroughPolicy(rawValue: String($0)) }) else {
      throw InvalidMountOption(option: option, flaw: .noPolicy)
    }
    return policy
  }

  private static func level(
    _ name: Substring?, in option: String
  ) throws(InvalidMountOption) -> Logger.Level {
    guard let level = name.flatMap({ Logger.Level(rawValue: String($0)) }) else {
      throw InvalidMountOption(option: option, flaw: .noLevel)
    }
    return level
  }

  /// Options that mount(8), systemd and fstab hand on, and that mean nothing here or are always so.
  private static func isForMount(_ name: Substring, value: Substring?) -> Bool {
    if name.hasPrefix("x-") || name.hasPrefix("X-") { return true }
    // mount(8) adds the name where fstab lets users mount; `comment` is what `x-` was once.
    if value != nil { return name == "user" || name == "comment" }
    return [
      "defaults", "auto", "noauto", "nofail", "_netdev", "user", "nouser", "users", "owner",
      "group",
      "dev", "nodev", "suid", "nosuid", "exec", "noexec", "relatime", "norelatime", "strictatime",
      "nostrictatime", "atime", "noatime", "diratime", "nodiratime", "lazytime", "nolazytime",
      "async", "sync", "silent", "loud",
    ].contains(name)
  }
}

extension MountOptions {
  /// The same for a `Fuse.Session`, one option each.
  ///
  /// Never writable, never with devices or set-user-ID programs. The kernel itself checks
  /// permissions, as it does for a disk.
  ///
  /// - Parameter source: what `mount` and `df` show as the device.
  package func libfuseOptions(source: String) -> [String] {
    var options = [
      "fsname=\(source)", "subtype=ckptfs", "ro", "nosuid", "nodev", "default_permissions",
    ]
    if allowOther { options.append("allow_other") }
    return options
  }
}
