// SPDX-License-Identifier: Apache-2.0
internal import CFuse
internal import Glibc
internal import Synchronization
internal import SystemPackage

// C function pointers capture nothing, and must not be made in main.swift, where they would belong
// to the main actor and trap on libfuse's threads.
extension Dispatcher {
  /// What is not set is answered `ENOSYS`, after which the kernel does it alone or not at all: flush,
  /// fsync and lseek among them.
  static func operations(withExtendedAttributes: Bool) -> fuse_lowlevel_ops {
    var operations = fuse_lowlevel_ops()
    addConnection(to: &operations)
    addNodes(to: &operations)
    addFiles(to: &operations)
    addDirectories(to: &operations)
    if withExtendedAttributes { addExtendedAttributes(to: &operations) }
    addRefusals(to: &operations)
    return operations
  }

  private static func addConnection(to operations: inout fuse_lowlevel_ops) {
    unsafe operations.`init` = { userData, information in
      guard let userData = unsafe userData, let information = unsafe information else { return }
      let dispatcher = unsafe Unmanaged<Dispatcher>.fromOpaque(userData)
      unsafe dispatcher._withUnsafeGuaranteedRef { dispatcher in
        var connection = unsafe dispatcher.connection(information.pointee)
        dispatcher.fileSystem.initialize(&connection)
        unsafe connection.fill(&information.pointee)
        if connection.usesPassthrough { dispatcher.negotiation.requestPassthrough() }
        dispatcher.isInitialized.store(true, ordering: .releasing)
      }
    }
    unsafe operations.statfs = { request, node in
      unsafe Dispatcher.answer(request, .statfs) { fileSystem throws(Errno) in
        try fileSystem.statfs(NodeID(rawValue: node))
      } reply: { request, statistics in
        request.reply(statistics: statistics)
      }
    }
  }

  private static func addNodes(to operations: inout fuse_lowlevel_ops) {
    unsafe operations.lookup = { request, parent, name in
      unsafe Dispatcher.answer(request, .lookup) { fileSystem throws(Errno) in
        try fileSystem.lookup(unsafe Dispatcher.name(name), in: NodeID(rawValue: parent))
      } reply: { request, lookup in
        request.reply(lookup: lookup)
      } counted: { _, lookup in
        lookup.outcome
      }
    }
    unsafe operations.forget = { raw, node, count in
      let measurement = unsafe Measurement(raw, .forget)
      let request = unsafe Request(raw)
      request.withFileSystem { fileSystem in
        fileSystem.forget(NodeID(rawValue: node), count: count)
      }
      request.replyNone()
      measurement.end()
    }
    unsafe operations.forget_multi = { raw, count, items in
      let measurement = unsafe Measurement(raw, .forget)
      let request = unsafe Request(raw)
      request.withFileSystem { fileSystem in
        let items = unsafe UnsafeBufferPointer(start: items, count: count)
        for index in items.indices {
          let item = unsafe items[index]
          fileSystem.forget(NodeID(rawValue: item.ino), count: item.nlookup)
        }
      }
      request.replyNone()
      measurement.end()
    }
    unsafe operations.getattr = { request, node, _ in
      unsafe Dispatcher.answer(request, .getattr) { fileSystem throws(Errno) in
        try fileSystem.getattr(NodeID(rawValue: node))
      } reply: { request, attributes in
        request.reply(attributes: attributes)
      }
    }
    unsafe operations.readlink = { request, node in
      unsafe Dispatcher.answer(request, .readlink) { fileSystem throws(Errno) in
        try fileSystem.readlink(NodeID(rawValue: node))
      } reply: { request, target in
        request.reply(target: target)
      }
    }
    unsafe operations.access = { request, node, mask in
      unsafe Dispatcher.answer(request, .access) { fileSystem throws(Errno) in
        if mask & W_OK != 0 { throw .readOnlyFileSystem }
        try fileSystem.access(NodeID(rawValue: node))
      } reply: { request, _ in
        request.replySuccess()
      }
    }
  }

  private static func addFiles(to operations: inout fuse_lowlevel_ops) {
    unsafe operations.open = { request, node, information in
      unsafe Dispatcher.answer(request, .open) { fileSystem throws(Errno) in
        let flags = unsafe information!.pointee.flags
        guard flags & O_ACCMODE == O_RDONLY, flags & O_TRUNC == 0 else {
          throw .readOnlyFileSystem
        }
        return try fileSystem.open(NodeID(rawValue: node))
      } reply: { request, opened in
        switch opened.mode {
        case .passthrough(let file):
          request.reply(opened: opened.handle, through: file, isDirect: false)
        case .directBesidePassthrough(let file):
          request.reply(opened: opened.handle, through: file, isDirect: true)
        case .cached, .direct:
          unsafe opened.fill(&information!.pointee)
          unsafe request.reply(opened: information!.pointee)
        }
      } counted: { counters, opened in
        counters.note(open: opened.mode.kind)
        return .success
      }
    }
    unsafe operations.read = { request, node, length, offset, information in
      unsafe Dispatcher.answer(request, .read) { fileSystem throws(Errno) in
        try fileSystem.read(
          NodeID(rawValue: node), handle: unsafe Dispatcher.handle(information),
          offset: Int64(offset),
          length: length)
      } reply: { request, read in
        request.reply(read: read, limit: length)
      } counted: { counters, read in
        counters.note(readBytes: min(read.length, length))
        return .success
      }
    }
    unsafe operations.release = { request, node, information in
      unsafe Dispatcher.answer(request, .release) { fileSystem throws(Errno) in
        fileSystem.release(NodeID(rawValue: node), handle: unsafe Dispatcher.handle(information))
      } reply: { request, _ in
        request.replySuccess()
      }
    }
  }

  private static func addDirectories(to operations: inout fuse_lowlevel_ops) {
    unsafe operations.opendir = { request, node, information in
      unsafe Dispatcher.answer(request, .opendir) { fileSystem throws(Errno) in
        try fileSystem.opendir(NodeID(rawValue: node))
      } reply: { request, opened in
        unsafe opened.fill(&information!.pointee)
        unsafe request.reply(opened: information!.pointee)
      }
    }
    unsafe operations.readdir = { raw, node, size, offset, information in
      let measurement = unsafe Measurement(raw, .readdir)
      let request = unsafe Request(raw)
      var buffer = DirectoryBuffer(capacity: size)
      do throws(Errno) {
        try request.withFileSystem { fileSystem throws(Errno) in
          try fileSystem.readdir(
            NodeID(rawValue: node), handle: unsafe Dispatcher.handle(information),
            from: DirectoryOffset(rawValue: Int64(offset)), into: &buffer)
        }
      } catch  where buffer.entries.isEmpty {
        request.reply(error: error)
        measurement.end(error)
        return
      } catch {
        // What fitted is sent first, since its lookups count; the error meets the next call.
      }
      request.reply(entries: buffer.entries)
      measurement.end()
    }
    unsafe operations.readdirplus = { raw, node, size, offset, information in
      let measurement = unsafe Measurement(raw, .readdirplus)
      let request = unsafe Request(raw)
      var buffer = DirectoryPlusBuffer(capacity: size)
      do throws(Errno) {
        try request.withFileSystem { fileSystem throws(Errno) in
          try fileSystem.readdirplus(
            NodeID(rawValue: node), handle: unsafe Dispatcher.handle(information),
            from: DirectoryOffset(rawValue: Int64(offset)), into: &buffer)
        }
      } catch  where buffer.entries.isEmpty {
        request.reply(error: error)
        measurement.end(error)
        return
      } catch {
        // What fitted is sent first, since its lookups count; the error meets the next call.
      }
      request.reply(entries: buffer.entries)
      measurement.end()
    }
    unsafe operations.releasedir = { request, node, information in
      unsafe Dispatcher.answer(request, .releasedir) { fileSystem throws(Errno) in
        fileSystem.releasedir(NodeID(rawValue: node), handle: unsafe Dispatcher.handle(information))
      } reply: { request, _ in
        request.replySuccess()
      }
    }
  }

  private static func addExtendedAttributes(to operations: inout fuse_lowlevel_ops) {
    unsafe operations.getxattr = { request, node, name, size in
      unsafe Dispatcher.answer(request, .getxattr) { fileSystem throws(Errno) in
        try fileSystem.getxattr(NodeID(rawValue: node), name: unsafe Dispatcher.name(name))
      } reply: { request, value in
        request.reply(extendedAttribute: value, size: size)
      }
    }
    unsafe operations.listxattr = { request, node, size in
      unsafe Dispatcher.answer(request, .listxattr) { fileSystem throws(Errno) in
        Array(try fileSystem.listxattr(NodeID(rawValue: node)).map { $0 + [0] }.joined())
      } reply: { request, names in
        request.reply(extendedAttribute: names, size: size)
      }
    }
  }

  private static func addRefusals(to operations: inout fuse_lowlevel_ops) {
    unsafe operations.setattr = { request, _, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.mknod = { request, _, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.mkdir = { request, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.unlink = { request, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.rmdir = { request, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.symlink = { request, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.rename = { request, _, _, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.link = { request, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.create = { request, _, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.write = { request, _, _, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.fallocate = { request, _, _, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.setxattr = { request, _, _, _, _, _ in unsafe Dispatcher.refuse(request) }
    unsafe operations.removexattr = { request, _, _ in unsafe Dispatcher.refuse(request) }
  }

  private static func handle(_ information: UnsafeMutablePointer<fuse_file_info>?) -> FileHandle {
    unsafe FileHandle(rawValue: information!.pointee.fh)
  }
}
