// SPDX-License-Identifier: Apache-2.0
import RocksDB
import SystemPackage
import Testing

@Suite struct MissingFilesTests {
  @Test("every file that is removed, cut or grown is reported by its name, and nothing else is")
  func damage() throws {
    let scratch = try ScratchDirectory()
    let checkpoint = try TrackedDatabase.checkpoint(in: scratch)
    let description = try DatabaseDirectory.describe(checkpoint)
    let sound = try sizes(in: checkpoint)
    let exact = description.tables.map(\.name) + description.blobs.map(\.name)
    #expect(!description.tables.isEmpty && !description.blobs.isEmpty)
    for name in exact {
      let size = try #require(sound[name])
      #expect(problems(description, sound, name, nil) == ["\(name) is absent"])
      for wrong in [size - 1, size + 1, 0] {
        #expect(
          problems(description, sound, name, wrong) == [
            "\(name) has \(wrong) bytes instead of \(size)"
          ])
      }
    }
    let log = try #require(description.logs.first)
    let size = try #require(log.syncedSize)
    #expect(problems(description, sound, log.name, nil) == ["\(log.name) is absent"])
    #expect(problems(description, sound, log.name, size + 1) == [])
    #expect(
      problems(description, sound, log.name, size - 1) == [
        "\(log.name) has \(size - 1) bytes, less than the \(size) that were synced"
      ])
    let manifest = description.manifestName
    #expect(problems(description, sound, manifest, nil) == ["\(manifest) is absent"])
  }

  private func problems(
    _ description: DatabaseDescription, _ sound: [String: UInt64], _ name: String,
    _ size: UInt64?
  ) -> [String] {
    description.missingFiles { $0 == name ? size : sound[$0] }.map(\.description)
  }
}
