// SPDX-License-Identifier: Apache-2.0

import Foundation
import SystemPackage
import TestSupport
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

  @Test("What is installed has all that its pages link to, and is taken away again")
  func installed() throws {
    let scratch = try ScratchDirectory()
    let outcome = try Program.shell(
      """
      mkdir made; for file in ckptfs ckptfs.{1,bash,zsh,fish}; do : > made/$file; done
      export BUILT=$PWD/made MADE=$PWD/made DESTDIR=$PWD/root; \(Program.packaging)/install
      cd root/usr/local/share/doc/ckptfs; find . -name '*.md' | while read -r page; do
        grep -o '](\\([^):#]*\\)' "$page" | cut -c3- | while read -r link; do
          test -e "${page%/*}/$link" && echo "$link" >> $DESTDIR/links || echo "$page: there is no $link"
        done
      done
      wc -l < $DESTDIR/links; rm $DESTDIR/links
      \(Program.packaging)/install --remove; find $DESTDIR -type f -o -type l
      """, in: scratch.path)
    #expect(outcome.errors.isEmpty && Int(outcome.output.dropLast()) ?? 0 > 20, "\(outcome)")
  }
}
