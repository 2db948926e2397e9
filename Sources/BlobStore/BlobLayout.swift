// SPDX-License-Identifier: Apache-2.0

package import Checkpoints
package import SystemPackage

/// Where the files of a blob store lie: `blobs/ab/DIGEST-INCARNATION`, where `ab` are the digest's first digits.
package struct BlobLayout: Sendable {
  private let root: FilePath

  /// - Parameter root: the store's directory; empty for paths as messages have them, which begin within it.
  package init(root: FilePath) { self.root = root }

  /// Whoever keeps blobs here writes it when all that ``LocalBlobStore/create(at:)`` made is durable.
  package var marker: FilePath { root.appending("ckptfs-store") }
  package var blobs: FilePath { root.appending("blobs") }
  package var staging: FilePath { root.appending("staging") }
  /// Made when something is first moved there.
  package var quarantine: FilePath { root.appending("quarantine") }

  /// The directory of all files with a content.
  package func shelf(of digest: Digest) -> FilePath {
    root.appending("blobs/\(digest.hexadecimal.prefix(2))")
  }

  package func path(of name: BlobName) -> FilePath {
    let text = name.description
    return root.appending("blobs/\(text.prefix(2))/\(text)")
  }

  package func quarantinedPath(of name: BlobName) -> FilePath {
    quarantine.appending(name.description)
  }
}
