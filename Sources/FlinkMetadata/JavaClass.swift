// SPDX-License-Identifier: Apache-2.0

/// The description of a class in a Java serialization stream.
struct JavaClass {
  struct Field {
    let name: String
    /// The size of a primitive in bytes, or `nil` for a reference.
    let primitiveSize: UInt64?
  }

  let name: String
  let fields: [Field]
  /// It wrote more than its fields, up to an end mark.
  let hasAnnotation: Bool
}
