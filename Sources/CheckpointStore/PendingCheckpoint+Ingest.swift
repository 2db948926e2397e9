// SPDX-License-Identifier: Apache-2.0

extension PendingCheckpoint {
  /// Takes files into the store; those that are there already are recognised and not copied.
  ///
  /// A file is not even read where evidence shows that it is one that was hashed before
  /// (promise P5). All are looked at again at the end.
  ///
  /// - Parameters:
  ///   - linking: whether sources may be hard-linked: only where nobody writes to them in place.
  ///   - width: how many files are read at a time.
  /// - Throws: code `sourceChanged` when a file changed meanwhile, `invalid` when one is no regular file.
  public borrowing func ingest(
    _ files: [SourceFile], policy: IngestPolicy = .auto, linking: Bool = true, width: Int = 4,
    progress: ProgressHandler? = nil
  ) throws(StoreError) -> IngestedEntries {
    let ingest = Ingest(
      store: store, flight: flight, policy: policy, linking: linking, width: width,
      cancellation: Cancellation())
    return try translating { try ingest.run(SeenFile.looking(at: files), progress: progress) }
  }

  /// As ``ingest(_:policy:linking:width:progress:)``, of files that were looked at before.
  ///
  /// - Parameter cancellation: once asked for, nothing more is read, and this throws.
  package borrowing func ingest(
    _ files: [SeenFile], policy: IngestPolicy, linking: Bool, width: Int = 4,
    cancellation: Cancellation = Cancellation(), progress: ProgressHandler?
  ) throws(StoreError) -> IngestedEntries {
    let ingest = Ingest(
      store: store, flight: flight, policy: policy, linking: linking, width: width,
      cancellation: cancellation)
    return try translating { try ingest.run(files, progress: progress) }
  }
}
