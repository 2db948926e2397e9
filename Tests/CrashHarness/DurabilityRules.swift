// SPDX-License-Identifier: Apache-2.0

/// Follows a log of system calls and sees whether each step is durable before the next relies on it (promise P2).
///
/// A killed process loses nothing that the kernel has, so only the order of calls shows what power loss
/// would take.
///
/// - R1: a file is synced before it is renamed or linked into `blobs` or `manifests`.
/// - R2: names there and in `quarantine` are synced before the catalog relies on them, and before the acknowledgement.
/// - R3: what is written to the catalog's log is synced before the next step with files, and before the
///   acknowledgement.
/// - R4: a dropped checkpoint's manifest is durably gone before one of its blobs goes.
/// - R5: a restored directory is synced, all of it, before it gets its name, and the name before the
///   acknowledgement.
/// - R6: a new store is synced, all of it, before its marker gets its name.
/// - R7: a catalog that is replaced is durably gone before its log goes, and before the new one comes all names beside it are
///   synced: no cut of power leaves a database without its log, or beside that of another. What an earlier rebuild kept is
///   durably gone before another catalog takes its place.
struct DurabilityRules {
  private struct File {
    var written: Int
    var synced = -1
    var isSynced: Bool { synced > written }
  }

  private struct Change {
    let path: String
    let line: Int
  }

  private let site: String
  private let store: String
  private var files: [String: File] = [:]
  /// Names that were made or removed in each directory since it was last synced.
  private var changes: [String: [Change]] = [:]
  private var logIsDirty = false
  private(set) var hasAcknowledged = false

  init(site: String) {
    self.site = site
    store = site + "/store"
  }

  /// - Throws: ``Violation`` where a rule is broken.
  mutating func follow(_ call: SystemCallLog.Call) throws {
    switch call.name {
    case "openat", "open": try open(call)
    case "write", "pwrite64", "pwritev", "ftruncate": try write(call)
    // A reflink writes as much as a copy.
    case "ioctl": if call.arguments.contains("FICLONE") { try write(call) }
    case "fsync", "fdatasync": sync(call)
    case "rename", "renameat", "renameat2": try rename(call)
    case "link", "linkat": try link(call)
    case "unlink", "unlinkat":
      if let path = call.paths.last { try unlink(path, call) }
    case "mkdir", "mkdirat":
      if let path = call.paths.last { try change(path, call) }
    default: break
    }
  }

  private mutating func open(_ call: SystemCallLog.Call) throws {
    guard call.arguments.contains("O_CREAT"), let path = call.paths.first, files[path] == nil
    else { return }
    files[path] = File(written: call.end)
    try change(path, call)
  }

  private mutating func write(_ call: SystemCallLog.Call) throws {
    guard let path = call.descriptorPath else { return }
    if path == log {
      if !logIsDirty { try requireNoChanges("R2", "the catalog relies on it") }
      logIsDirty = true
    }
    if call.strings.first?.hasPrefix("done ") == true { try acknowledge() }
    files[path, default: File(written: call.end)].written = call.end
  }

  private mutating func acknowledge() throws {
    hasAcknowledged = true
    try requireSyncedLog("it is acknowledged")
    try requireNoChanges("R2", "it is acknowledged")
    for directory in [site, store] {
      if let change = changes[directory]?.first {
        throw violation("R2", "'\(change.path)' is not synced when it is acknowledged")
      }
    }
  }

  private mutating func sync(_ call: SystemCallLog.Call) {
    guard let path = call.descriptorPath else { return }
    if path == log { logIsDirty = false }
    files[path]?.synced = call.start
    if files[path] == nil { files[path] = File(written: -1, synced: call.start) }
    changes[path]?.removeAll { $0.line < call.start }
  }

  private mutating func rename(_ call: SystemCallLog.Call) throws {
    let paths = call.paths
    guard paths.count == 2 else { return }
    if isSound(paths[1]) { try requireSynced(paths[0], "R1", as: paths[1]) }
    if paths[0] == log { try requireNoChange(of: catalog, "R7", "its log goes") }
    if paths[1] == catalog { try requireSyncedReplacement(paths[0]) }
    if paths[1] == replaced { try requireNoChange(of: replaced + "-wal", "R7", "another comes") }
    if isRestore(paths[0]) { try requireSyncedTree(paths[0]) }
    if paths[1] == store + "/ckptfs-store" { try requireSyncedStore(paths[0]) }
    files[paths[1]] = files.removeValue(forKey: paths[0])
    if !isRestore(paths[0]) { try change(paths[0], call) }
    try change(paths[1], call)
  }

  private mutating func link(_ call: SystemCallLog.Call) throws {
    let paths = call.paths
    guard paths.count == 2 else { return }
    // A blob is durable; of any other source nobody knows when it was synced.
    let source = files[paths[0]] ?? File(written: isSound(paths[0]) ? -2 : call.end, synced: -1)
    if isSound(paths[1]) { try requireSynced(paths[0], "R1", as: paths[1]) }
    files[paths[1]] = source
    try change(paths[1], call)
  }

  private mutating func unlink(_ path: String, _ call: SystemCallLog.Call) throws {
    if path.hasPrefix(store + "/blobs/") {
      for (directory, names) in changes where directory.hasPrefix(store + "/manifests") {
        guard let change = names.first else { continue }
        throw violation("R4", "'\(change.path)' is not synced when the blob '\(path)' goes")
      }
    }
    files[path] = nil
    // SQLite removes its log once all of it is in the database.
    if path != log { try change(path, call) }
  }

  private mutating func change(_ path: String, _ call: SystemCallLog.Call) throws {
    guard path.hasPrefix(site + "/"), !isTransient(path),
      let slash = path.lastIndex(of: "/")
    else { return }
    if isGuarded(path) { try requireSyncedLog("'\(path)' changes") }
    changes[String(path[..<slash]), default: []].append(Change(path: path, line: call.end))
  }

  // MARK: Places

  private var catalog: String { store + "/catalog.sqlite" }
  private var log: String { catalog + "-wal" }
  /// What a rebuild keeps of the catalog before.
  private var replaced: String { catalog + ".replaced" }

  private func isGuarded(_ path: String) -> Bool {
    isSound(path) || path.hasPrefix(store + "/quarantine/")
  }

  /// Whether a file of that name is durable: what lies in quarantine came there as bad as it was.
  private func isSound(_ path: String) -> Bool {
    path.hasPrefix(store + "/blobs/") || path.hasPrefix(store + "/manifests/")
      || path == store + "/ids"
  }

  private func isRestore(_ path: String) -> Bool { path.contains(".ckptfs-restore-") }

  /// What may be lost with the power.
  private func isTransient(_ path: String) -> Bool {
    ["/staging/", "/pending/", "/locks/"].contains { path.hasPrefix(store + $0) }
      || path.hasPrefix(site + "/work-") || path.hasSuffix("-shm") || path.hasSuffix("-journal")
      || (isRestore(path) && !path.dropFirst(site.count + 1).contains("/"))
  }

  // MARK: Requirements

  private func requireSynced(_ path: String, _ rule: String, as target: String) throws {
    guard files[path]?.isSynced == true else {
      throw violation(rule, "'\(path)' is not synced when it becomes '\(target)'")
    }
  }

  private func requireSyncedLog(_ moment: String) throws {
    if logIsDirty { throw violation("R3", "the catalog's log is not synced when \(moment)") }
  }

  private func requireNoChanges(_ rule: String, _ moment: String) throws {
    for (directory, names) in changes where isGuarded(directory + "/") {
      guard let change = names.first else { continue }
      throw violation(rule, "the name '\(change.path)' is not synced when \(moment)")
    }
  }

  private func requireNoChange(of path: String, _ rule: String, _ moment: String) throws {
    guard let names = changes[store], names.contains(where: { $0.path == path }) else { return }
    throw violation(rule, "the name '\(path)' is not synced when \(moment)")
  }

  private func requireSyncedReplacement(_ path: String) throws {
    try requireSynced(path, "R7", as: "the catalog")
    if let change = changes[store]?.first {
      throw violation("R7", "the name '\(change.path)' is not synced when a new catalog comes")
    }
  }

  private func requireSyncedTree(_ root: String) throws {
    for (path, file) in files where path.hasPrefix(root + "/") && !file.isSynced {
      throw violation("R5", "'\(path)' is not synced when '\(root)' gets its name")
    }
    for (directory, names) in changes where (directory + "/").hasPrefix(root + "/") {
      guard let change = names.first else { continue }
      throw violation("R5", "the name '\(change.path)' is not synced when '\(root)' gets its own")
    }
  }

  private func requireSyncedStore(_ marker: String) throws {
    try requireSynced(marker, "R6", as: "the store's marker")
    try requireSyncedLog("the store gets its marker")
    for (directory, names) in changes where (directory + "/").hasPrefix(store + "/") {
      guard let change = names.first else { continue }
      throw violation(
        "R6", "the name '\(change.path)' is not synced when the store gets its marker")
    }
    if changes[site]?.isEmpty == false {
      throw violation("R6", "the store's own name is not synced when it gets its marker")
    }
  }

  private func violation(_ rule: String, _ detail: String) -> Violation {
    Violation("P2", "\(rule): \(detail.replacing(site + "/", with: ""))")
  }
}
