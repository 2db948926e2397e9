// SPDX-License-Identifier: Apache-2.0
import FlinkMetadata

/// What libFuzzer calls, again and again: reads `bytes` as a `_metadata` and uses what it finds.
///
/// A crash, a hang, a leak or much memory is a find; an error is none.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let content = unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: count))
  do throws(MetadataError) {
    let metadata = try CheckpointMetadata(reading: content)
    for state in metadata.operators {
      for subtask in state.subtasks { try visit(subtask, content) }
    }
  } catch {
    precondition(error.offset <= content.count, "an error lies within the file")
    precondition(!error.description.isEmpty)
  }
  return 0
}

/// Every range must lie within the file, else reading it would fail.
private func visit(_ subtask: Subtask, _ content: [UInt8]) throws(MetadataError) {
  guard case .state(let state) = subtask.state else { return }
  for operatorState in [state.managedOperator, state.rawOperator] {
    for part in operatorState?.states ?? [] {
      let offsets = try part.offsets.load(from: content)
      precondition(offsets.count == part.offsets.count)
    }
  }
  for keyed in [state.managedKeyed, state.rawKeyed] {
    if case .keyGroups(let state) = keyed {
      let offsets = try state.offsets.load(from: content)
      precondition(offsets.count == Int(state.keyGroups.count))
    }
    if case .incremental(let state) = keyed {
      for file in state.shared + state.own {
        if case .inline(let inline) = file.handle {
          precondition(inline.content.offset + inline.content.count <= content.count)
        }
      }
    }
  }
}
