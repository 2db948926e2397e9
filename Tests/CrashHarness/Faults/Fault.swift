// SPDX-License-Identifier: Apache-2.0

/// Which calls of a program fail, and how.
package struct Fault: CustomStringConvertible, Sendable {
  package let kind: FaultKind
  /// The first that fails, from 1, of those that can fail so.
  package let call: Int
  /// Whether all later ones fail, too.
  package let isPersistent: Bool
  /// Whether the program is told that what failed succeeded: then it does what one does that does not listen.
  package let isUnheard: Bool
  /// `nil` for all that can fail so.
  let classes: CallClasses?

  init(
    _ kind: FaultKind, at call: Int, isPersistent: Bool = false, isUnheard: Bool = false,
    classes: CallClasses? = nil
  ) {
    self.kind = kind
    self.call = call
    self.isPersistent = isPersistent
    self.isUnheard = isUnheard
    self.classes = classes
  }

  package var description: String {
    "\(kind.rawValue) at call \(call)\(isPersistent ? " and after" : "")\(isUnheard ? ", unheard" : "")"
  }
}
