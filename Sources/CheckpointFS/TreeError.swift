// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import SystemPackage

/// Why the tree does not answer with a node.
package enum TreeError: Error {
  /// No such name or node, or not any more: its checkpoint was dropped.
  case absent
  /// Longer than any name can be, here as on other file systems; the kernel itself passes on more.
  case nameTooLong
  case notADirectory
  case isADirectory
  case notALink
  case noSuchAttribute
  /// Extended attributes were not asked for when mounting.
  case attributesDisabled
  case readOnly
  /// A handle that no open gave.
  case badHandle
  /// This process can hold no more of them for readers.
  case tooManyOpenFiles
  /// The source could not tell; to be logged, since the kernel learns no more than `EIO`.
  case source(SourceError)
}

extension Errno {
  /// The one door from errors to the kernel.
  package init(_ error: TreeError) {
    switch error {
    case .absent: self = .noSuchFileOrDirectory
    case .nameTooLong: self = .fileNameTooLong
    case .notADirectory: self = .notDirectory
    case .isADirectory: self = .isDirectory
    case .notALink: self = .invalidArgument
    case .noSuchAttribute: self = .noData
    case .attributesDisabled: self = .noFunction
    case .readOnly: self = .readOnlyFileSystem
    case .badHandle: self = .badFileDescriptor
    // Not EMFILE, which tells a reader of its own limit.
    case .tooManyOpenFiles: self = .tooManyOpenFilesInSystem
    case .source(let error): self.init(error.code)
    }
  }

  private init(_ code: SourceError.Code) {
    switch code {
    case .damaged, .unavailable: self = .ioError
    }
  }
}
