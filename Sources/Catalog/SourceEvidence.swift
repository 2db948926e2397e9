// SPDX-License-Identifier: Apache-2.0

package import BlobStore
package import Checkpoints

/// What a file looked like when it was hashed, and what it held.
package struct SourceEvidence: Hashable, Sendable {
  package let evidence: Evidence
  package let digest: Digest
  /// The blob whose file it became by a hard link; `nil` when it was copied, or not needed.
  package let linked: Incarnation?

  package init(evidence: Evidence, digest: Digest, linked: Incarnation?) {
    self.evidence = evidence
    self.digest = digest
    self.linked = linked
  }
}
