// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import Testing

@Suite("Manual pages")
struct ManualTests {
  @Test("mount.ckptfs(8) explains every option that a mount takes")
  func mountOptions() throws {
    let refused = try Program.run(["mount", "-o", "frob", "/nowhere", "/nowhere"])
    let list = try #require(refused.errors.split(separator: "there are ").last)
    let options = list.split { ", =\n".contains($0) }.filter { $0 != "and" && $0 != "N" }
    #expect(options.contains("allow_other") && options.count >= 5, "\(refused)")
    let page = try String(
      contentsOfFile: Program.packaging.appending("man/mount.ckptfs.8").string, encoding: .utf8)
    let explained = page.split(separator: "\n").filter { $0.hasPrefix(".It Cm ") }
      .flatMap { $0.split(separator: " ") }
    for option in options {
      #expect(explained.contains(option), "mount.ckptfs(8) says nothing about \(option)")
    }
  }
}
