// SPDX-License-Identifier: Apache-2.0

/// What a Java serialization stream holds, as far as it matters here.
indirect enum JavaValue {
  case null
  case string(String)
  case enumeration(constant: String)
  case object(class: String, fields: [String: JavaValue])
  /// A number, boolean or array.
  case other
}
