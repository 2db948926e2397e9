// SPDX-License-Identifier: Apache-2.0
import Fuse
import Synchronization
import SystemPackage

/// A read-only tree in memory that has one of everything.
///
///     big  big-link      one inode with two names, served from a file
///     small              served from memory
///     direct             the same, opened with direct I/O
///     secret             no permissions
///     link -> small
///     odd/               names that are not UTF-8, or 255 bytes long
///     many/              5,000 files
///     live/              names come and go
final class TestTree: FileSystem {
  private enum Content {
    case bytes([UInt8], direct: Bool)
    case file
    case target([UInt8])
    case directory(DirectoryContent, parent: NodeID)
  }

  private struct DirectoryContent {
    var entries: [(name: [UInt8], node: NodeID)]
    let nodes: [[UInt8]: NodeID]

    init(_ entries: [(name: [UInt8], node: NodeID)]) {
      self.entries = entries
      nodes = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.node) })
    }
  }

  private struct Node {
    var attributes: NodeAttributes
    var content: Content
  }

  static let bigFile = NodeID(rawValue: 2)
  static let smallFile = NodeID(rawValue: 3)
  static let symbolicLink = NodeID(rawValue: 4)
  static let oddDirectory = NodeID(rawValue: 5)
  static let manyDirectory = NodeID(rawValue: 6)
  static let liveDirectory = NodeID(rawValue: 7)
  static let directFile = NodeID(rawValue: 8)
  static let secretFile = NodeID(rawValue: 9)
  static let oddFile = NodeID(rawValue: 10)
  /// A number that needs all 64 bits.
  static let liveFile = NodeID(rawValue: 0xfedc_ba98_7654_3210)
  static let firstOfMany: UInt64 = 1_000_000
  static let smallContent = Array("small, and served from memory\n".utf8)
  static let time = Timestamp(seconds: 1_700_000_000, nanoseconds: 123_456_789)

  let offersExtendedAttributes: Bool
  let counters = SessionCounters()
  private let transfer: Transfer
  private let passthrough = Mutex(Passthrough())
  private let big: FileDescriptor
  private let nodes: [NodeID: Node]
  private let liveNames = Mutex<Set<[UInt8]>>([Array("old".utf8)])
  /// How the bytes of the big file come to the kernel.
  enum Transfer: String {
    case copy
    case splice
    case passthrough
  }

  private struct Passthrough {
    var files: BackingFiles?
    /// One registration for all who have the big file open.
    var big: BackingFile?
    var opens = 0
  }

  private let bigLinks = Atomic<UInt32>(2)
  private let handleCount = Atomic<Int>(0)
  private let readCount = Atomic<Int>(0)
  private let lookupCount = Atomic<Int>(0)

  init(bigFile path: FilePath, offersExtendedAttributes: Bool, transfer: Transfer) throws {
    self.offersExtendedAttributes = offersExtendedAttributes
    self.transfer = transfer
    big = try FileDescriptor.open(path, .readOnly)
    let size = try big.seek(offset: 0, from: .end)
    nodes = Self.makeNodes(bigSize: size)
  }

  var openHandles: Int { handleCount.load(ordering: .relaxed) }
  var reads: Int { readCount.load(ordering: .relaxed) }
  var lookups: Int { lookupCount.load(ordering: .relaxed) }

  /// Of the big file from now on.
  func setLinkCount(_ count: UInt32) {
    bigLinks.store(count, ordering: .relaxed)
  }

  func setLive(_ name: [UInt8], present: Bool) {
    liveNames.withLock { names in
      if present { names.insert(name) } else { names.remove(name) }
    }
  }
}

extension TestTree {
  private static func makeNodes(bigSize: Int64) -> [NodeID: Node] {
    var nodes: [NodeID: Node] = [:]
    func add(
      _ node: NodeID, _ type: FileType, _ permissions: FilePermissions, size: Int64 = 0,
      links: UInt32 = 1, _ content: Content
    ) {
      var attributes = NodeAttributes(
        node: node, type: type, permissions: permissions, size: size, time: time)
      attributes.linkCount = links
      attributes.userID = UserID(rawValue: 12)
      attributes.groupID = GroupID(rawValue: 34)
      nodes[node] = Node(attributes: attributes, content: content)
    }
    func addDirectory(_ node: NodeID, _ entries: [(name: [UInt8], node: NodeID)]) {
      add(node, .directory, executable, links: 2, .directory(.init(entries), parent: .root))
    }
    let size = Int64(smallContent.count)
    let odd: [[UInt8]] = [
      [0xff, 0xfe, 0x80], Array("new\nline".utf8), Array("ünïcode".utf8), Array(" ".utf8),
      Array(repeating: 0xc3, count: 255),
    ]
    let many = (0..<5000).map { index in
      (name: manyName(index), node: NodeID(rawValue: firstOfMany + UInt64(index)))
    }
    addDirectory(
      .root,
      [
        (Array("big".utf8), bigFile), (Array("big-link".utf8), bigFile),
        (Array("small".utf8), smallFile), (Array("direct".utf8), directFile),
        (Array("secret".utf8), secretFile), (Array("link".utf8), symbolicLink),
        (Array("odd".utf8), oddDirectory), (Array("many".utf8), manyDirectory),
        (Array("live".utf8), liveDirectory),
      ])
    addDirectory(oddDirectory, odd.map { ($0, oddFile) })
    addDirectory(manyDirectory, many)
    addDirectory(liveDirectory, [])
    add(bigFile, .regular, readable, size: bigSize, links: 2, .file)
    add(smallFile, .regular, readable, size: size, .bytes(smallContent, direct: false))
    add(directFile, .regular, readable, size: size, .bytes(smallContent, direct: true))
    add(secretFile, .regular, [], size: size, .bytes(smallContent, direct: false))
    add(oddFile, .regular, readable, links: UInt32(odd.count), .bytes([], direct: false))
    add(liveFile, .regular, readable, size: size, .bytes(smallContent, direct: false))
    add(symbolicLink, .symbolicLink, all, size: 5, .target(Array("small".utf8)))
    for entry in many {
      add(entry.node, .regular, readable, size: size, .bytes(smallContent, direct: false))
    }
    return nodes
  }

  static func manyName(_ index: Int) -> [UInt8] {
    let digits = String(index)
    return Array("file-\(String(repeating: "0", count: 5 - digits.count))\(digits)".utf8)
  }

  private static let readable = FilePermissions(rawValue: 0o444)
  private static let executable = FilePermissions(rawValue: 0o555)
  private static let all = FilePermissions(rawValue: 0o777)
}

extension TestTree {
  func initialize(_ connection: inout Connection) {
    if transfer == .splice { connection.enabled.insert(.spliceWrite) }
    connection.enabled.insert(.exportSupport)
    guard transfer == .passthrough, let files = connection.passthrough else { return }
    connection.usesPassthrough = true
    passthrough.withLock { $0.files = files }
  }

  func begin() throws(FuseError) {
    guard transfer == .passthrough else { return }
    do throws(Errno) {
      guard let files = passthrough.withLock({ $0.files }) else { throw .notSupported }
      try files.probe()
    } catch {
      throw FuseError(.connectionFailed, "no passthrough: \(error)", errno: error)
    }
  }

  func lookup(_ name: [UInt8], in parent: NodeID) throws(Errno) -> LookupReply {
    lookupCount.add(1, ordering: .relaxed)
    let (directory, grandparent) = try directory(parent)
    if name == Array(".".utf8) { return .found(entry(try node(parent))) }
    if name == Array("..".utf8) { return .found(entry(try node(grandparent))) }
    if parent == Self.liveDirectory {
      guard liveNames.withLock({ $0.contains(name) }) else { return .absent(timeout: Self.long) }
      return .found(entry(try node(Self.liveFile)))
    }
    guard let child = directory.nodes[name] else { throw .noSuchFileOrDirectory }
    return .found(entry(try node(child)))
  }

  func getattr(_ node: NodeID) throws(Errno) -> AttributesReply {
    return AttributesReply(try self.node(node).attributes, timeout: Self.long)
  }

  func readlink(_ node: NodeID) throws(Errno) -> [UInt8] {
    guard case .target(let target) = try self.node(node).content else { throw .invalidArgument }
    return target
  }

  func open(_ node: NodeID) throws(Errno) -> OpenReply {
    let content = try self.node(node).content
    handleCount.add(1, ordering: .relaxed)
    switch content {
    case .bytes(_, direct: true):
      return OpenReply(handle: FileHandle(rawValue: node.rawValue), mode: .direct)
    case .file where transfer == .passthrough:
      return OpenReply(
        handle: FileHandle(rawValue: node.rawValue), mode: .passthrough(try backingFile()))
    case .bytes, .file, .target, .directory: break
    }
    return OpenReply(handle: FileHandle(rawValue: node.rawValue), mode: .cached(keepCache: true))
  }

  func read(
    _ node: NodeID, handle: FileHandle, offset: Int64, length: Int
  ) throws(Errno) -> ReadReply {
    guard handle.rawValue == node.rawValue else { throw .badFileDescriptor }
    readCount.add(1, ordering: .relaxed)
    switch try self.node(node).content {
    case .bytes(let bytes, _):
      // More than was asked for: the session cuts it.
      return .bytes(bytes.dropFirst(Int(offset)))
    case .file:
      return .file(big, offset: offset, length: .max)
    case .target, .directory:
      throw .isDirectory
    }
  }

  func release(_ node: NodeID, handle: FileHandle) {
    handleCount.subtract(1, ordering: .relaxed)
    guard node == Self.bigFile, transfer == .passthrough else { return }
    passthrough.withLock { passthrough in
      passthrough.opens -= 1
      if passthrough.opens == 0 { passthrough.big = nil }
    }
  }

  private func backingFile() throws(Errno) -> BackingFile {
    let result = passthrough.withLock { passthrough -> Result<BackingFile, Errno> in
      do throws(Errno) {
        guard let files = passthrough.files else { throw .notSupported }
        let file = if let known = passthrough.big { known } else { try files.register(big) }
        passthrough.big = file
        passthrough.opens += 1
        return .success(file)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  func opendir(_ node: NodeID) throws(Errno) -> OpenDirectoryReply {
    _ = try directory(node)
    return OpenDirectoryReply(
      handle: FileHandle(rawValue: node.rawValue), mode: .cached(keepCache: true))
  }

  func readdir(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryBuffer
  ) throws(Errno) {
    for entry in try listing(of: node, from: offset) {
      let type = try self.node(entry.node).attributes.type
      guard
        try buffer.append(
          name: entry.name, node: entry.node, type: type, nextOffset: entry.nextOffset)
      else { return }
    }
  }

  func readdirplus(
    _ node: NodeID, handle: FileHandle, from offset: DirectoryOffset,
    into buffer: inout DirectoryPlusBuffer
  ) throws(Errno) {
    for item in try listing(of: node, from: offset) {
      let child = try self.node(item.node)
      let fits =
        if item.isDot {
          try buffer.append(
            name: item.name, node: item.node, type: .directory, nextOffset: item.nextOffset)
        } else {
          try buffer.append(name: item.name, entry: entry(child), nextOffset: item.nextOffset)
        }
      guard fits else { return }
    }
  }

  func releasedir(_ node: NodeID, handle: FileHandle) {}

  func statfs(_ node: NodeID) throws(Errno) -> FileSystemStatistics {
    FileSystemStatistics(
      blockSize: 4096, blocks: 1000, freeBlocks: 500, availableBlocks: 400, files: 5010,
      freeFiles: 7, maximumNameLength: 255)
  }

  func getxattr(_ node: NodeID, name: [UInt8]) throws(Errno) -> [UInt8] {
    guard name == Array("user.test.node".utf8) else { throw .noData }
    return Array(String(node.rawValue).utf8)
  }

  func listxattr(_ node: NodeID) throws(Errno) -> [[UInt8]] {
    [Array("user.test.node".utf8), Array("user.test.other".utf8)]
  }
}

extension TestTree {
  private struct Listed {
    var name: [UInt8]
    var node: NodeID
    var nextOffset: DirectoryOffset
    var isDot = false
  }

  private static let long = Duration.seconds(3600)

  private func listing(of node: NodeID, from offset: DirectoryOffset) throws(Errno) -> [Listed] {
    let (directory, parent) = try directory(node)
    var entries = [(name: Array(".".utf8), node: node), (name: Array("..".utf8), node: parent)]
    if node == Self.liveDirectory {
      entries += liveNames.withLock { $0 }
        .sorted { $0.lexicographicallyPrecedes($1) }
        .map { (name: $0, node: Self.liveFile) }
    } else {
      entries += directory.entries
    }
    return entries.indices.dropFirst(Int(offset.rawValue)).prefix(400).map { index in
      Listed(
        name: entries[index].name, node: entries[index].node,
        nextOffset: DirectoryOffset(rawValue: Int64(index) + 1), isDot: index < 2)
    }
  }

  private func node(_ id: NodeID) throws(Errno) -> Node {
    guard var node = nodes[id] else { throw .noSuchFileOrDirectory }
    if id == Self.bigFile { node.attributes.linkCount = bigLinks.load(ordering: .relaxed) }
    return node
  }

  private func directory(_ id: NodeID) throws(Errno) -> (DirectoryContent, parent: NodeID) {
    guard case .directory(let content, let parent) = try node(id).content else {
      throw .notDirectory
    }
    return (content, parent)
  }

  private func entry(_ node: Node) -> EntryReply {
    EntryReply(
      attributes: node.attributes, attributeTimeout: Self.long, entryTimeout: Self.long)
  }
}
