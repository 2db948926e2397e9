// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import SystemPackage

/// An entry of a checkpoint as something that can be copied.
package struct ExportedFile: Sendable {
  package enum Content: Sendable {
    case directory
    /// All of a file that Flink never changes.
    case file(FilePath)
    /// A part of a file, or bytes that are in no file of their own.
    case bytes(OpenFile)
  }

  package let path: EntryPath
  package let content: Content
}
