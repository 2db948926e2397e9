// SPDX-License-Identifier: Apache-2.0
import Glibc

/// xattr(7), which the Glibc module leaves out.
enum ExtendedAttributeCalls {
  typealias Get =
    @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) ->
    Int
  typealias Set =
    @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer, Int, Int32) ->
    Int32
  typealias List = @convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int) -> Int
  typealias Remove = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int32

  static let get = unsafe unsafeBitCast(dlsym(nil, "getxattr"), to: Get.self)
  static let set = unsafe unsafeBitCast(dlsym(nil, "setxattr"), to: Set.self)
  static let list = unsafe unsafeBitCast(dlsym(nil, "listxattr"), to: List.self)
  static let remove = unsafe unsafeBitCast(dlsym(nil, "removexattr"), to: Remove.self)
}
