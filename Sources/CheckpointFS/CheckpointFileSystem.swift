// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import Fuse
package import Logging
internal import Synchronization
package import SystemPackage

/// A ``CheckpointTree`` as the kernel asks for it.
///
/// It adds what the tree leaves open: for how long answers hold, open files, and what becomes of
/// errors. Nothing is kept per node, so `forget` has nothing to do.
package final class CheckpointFileSystem: FileSystem {
  let tree: CheckpointTree
  let knownFiles = KnownUntilChange<Inode, KnownFile>(capacity: 4096, isWatched: true)
  let keptPages = KeptPages()
  let logger: Logger
  let openFiles: OpenFileBudget
  /// What the kernel offered, until the session begins.
  private let offered = Mutex<BackingFiles?>(nil)
  /// Whether the kernel can have all names expire in one message.
  private let expiresNames = Atomic(false)

  package init(
    source: any Source, options: MountOptions, facts: MountFacts, logger: Logger
  ) {
    tree = CheckpointTree(source: source, options: options, facts: facts, logger: logger)
    self.logger = logger
    openFiles = OpenFileBudget(limit: facts.openFileLimit, logger: logger)
  }

  var openNodes: OpenNodes { tree.state.openNodes }
  var passthrough: PassthroughFiles { tree.state.passthrough }
  var following: Following { tree.state.following }
  package var counters: SessionCounters { tree.state.counters }

  /// What the mount holds and has done, in one line.
  package var summary: String { Summary(tree.report()).description }

  package var offersExtendedAttributes: Bool { tree.options.extendedAttributes }

  package func initialize(_ connection: inout Connection) {
    connection.enabled.formUnion([
      .asynchronousRead, .exportSupport, .readdirplus, .adaptiveReaddirplus,
      .parallelDirectoryOperations,
    ])
    // Contents never change, so no page is to be dropped because a time seems to have changed.
    connection.enabled.subtract([.automaticDataInvalidation])
    if tree.options.passthrough != .off, let files = connection.passthrough {
      connection.usesPassthrough = true
      offered.withLock { $0 = files }
    }
    expiresNames.store(connection.expiresNames, ordering: .releasing)
    followChanges()
    // Targets are kept without any limit of time.
    if following.isActive { connection.enabled.insert(.cachedSymbolicLinks) }
  }

  /// From before the first answer on, so that no change is missed.
  private func followChanges() {
    do {
      following.begin(try ChangeFollower(tree.source, logger))
    } catch {
      logger.warning(
        "changes of the store cannot be followed, which makes listings slower: \(error)")
    }
  }

  package func begin() throws(FuseError) {
    if tree.options.passthrough == .off { return }
    let sample = sampleFile
    guard let refusal = passthrough.begin(offered.withLock { $0.take() }, sample) else {
      // Pages of large files lie beneath the files of the source then, and stay.
      if sample != nil, expiresNames.load(ordering: .acquiring) { following.beginExpiringNames() }
      return
    }
    if tree.options.passthrough == .required {
      throw FuseError(
        .connectionFailed,
        "cannot mount: \(refusal), or leave out the option passthrough=on")
    }
    passthrough.tell(refusal)
  }

  /// Where there is none now, files will tell when they are opened.
  private var sampleFile: OpenFile? { try? tree.source.sampleFile() }

  package func follow(_ notifier: Notifier) {
    following.run(
      notifier, changed: { knownFiles.forget(isWatched: true) },
      openFiles: { openNodes.sharedFiles })
  }

  package func endFollowing() {
    following.follower?.end()
  }

  /// For how long answers hold now.
  var times: CacheTimes { following.times }

  /// Turns a failure into a number, and logs what the number cannot say.
  func answer<Value>(
    _ body: () throws(TreeError) -> Value
  ) throws(Errno) -> Value {
    do {
      return try body()
    } catch {
      tree.state.faults.note(error)
      throw Errno(error)
    }
  }

  /// - Throws: ``TreeError/absent`` for a number that no node of ours has.
  func inode(_ node: NodeID) throws(TreeError) -> Inode {
    guard let inode = Inode(rawValue: node.rawValue) else { throw .absent }
    return inode
  }
}

/// Names and attributes.
extension CheckpointFileSystem {
  package func lookup(_ name: [UInt8], in parent: NodeID) throws(Errno) -> LookupReply {
    try answer { () throws(TreeError) in
      let directory = try inode(parent)
      guard let attributes = try tree.lookup(name, in: directory) else {
        return .absent(timeout: times.names(in: directory))
      }
      return .found(EntryReply(attributes, umask: tree.options.umask, in: directory, times))
    }
  }

  package func getattr(_ node: NodeID) throws(Errno) -> AttributesReply {
    try answer { () throws(TreeError) in
      let inode = try inode(node)
      var attributes = Fuse.NodeAttributes(
        try currentOrOpened(inode), umask: tree.options.umask)
      if let size = frozenSize(of: inode) { attributes.resize(to: Int64(size)) }
      return AttributesReply(attributes, timeout: times.attributes(of: inode))
    }
  }

  /// A file that was dropped while open must be told of, too, and one whose source cannot tell now, as while a catalog is
  /// made anew: the kernel asks before a read that may reach the end, and the read would fail.
  private func currentOrOpened(_ inode: Inode) throws(TreeError) -> NodeAttributes {
    do throws(TreeError) {
      return try tree.attributes(of: inode)
    } catch {
      switch error {
      case .absent, .source:
        if let opened = openNodes.attributesWhenOpened(of: inode) { return opened }
      default: break
      }
      throw error
    }
  }

  /// Who has a control file open must find it as large as it can be read.
  private func frozenSize(of inode: Inode) -> Int? {
    guard case .control = inode else { return nil }
    return openNodes.frozenSize(of: inode)
  }

  package func readlink(_ node: NodeID) throws(Errno) -> [UInt8] {
    try answer { () throws(TreeError) in try tree.target(of: inode(node)) }
  }

  package func getxattr(_ node: NodeID, name: [UInt8]) throws(Errno) -> [UInt8] {
    try answer { () throws(TreeError) in try tree.extendedAttribute(name, of: inode(node)) }
  }

  package func listxattr(_ node: NodeID) throws(Errno) -> [[UInt8]] {
    try answer { () throws(TreeError) in
      try tree.extendedAttributes(of: inode(node)).map { Array($0.attribute.rawValue.utf8) }
    }
  }

  package func statfs(_ node: NodeID) throws(Errno) -> FileSystemStatistics {
    let capacity = try answer { () throws(TreeError) in
      try tree.ask { source throws(SourceError) in try source.capacity() }
    }
    return FileSystemStatistics(
      blockSize: capacity.blockSize, blocks: capacity.blocks, freeBlocks: capacity.freeBlocks,
      availableBlocks: capacity.availableBlocks, files: capacity.files,
      freeFiles: capacity.freeFiles, maximumNameLength: UInt64(CheckpointTree.maximumNameLength))
  }
}
