// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// One run of the program, from its arguments to its exit status.
struct Invocation {
  private let arguments: [String]

  init(_ arguments: [String]) {
    self.arguments = arguments
  }

  func run() -> ExitStatus {
    do {
      var command = try parse()
      try command.run()
      return .done
    } catch {
      return end(with: error)
    }
  }

  /// - Throws: a usage ``Failure``, or the parser's request to print help.
  private func parse() throws -> any ParsableCommand {
    do {
      return try CkptfsCommand.parseAsRoot(arguments)
    } catch  where CkptfsCommand.exitCode(for: error) != .success {
      throw Failure(
        .usage, "usage", "\(CkptfsCommand.message(for: error).uncapitalized); \(remedy)")
    }
  }

  private func end(with error: any Error) -> ExitStatus {
    if ClosedOutput.isReason(for: error) { return .done }
    if let end = error as? EarlyEnd { return end.status }
    if CkptfsCommand.exitCode(for: error) == .success { return printHelp(error) }
    let failure = Failure(error)
    ErrorOutput.write(failure, asJSON: wantsJSON)
    return failure.status
  }

  private func printHelp(_ request: any Error) -> ExitStatus {
    do {
      var output = StandardOutput()
      try output.write(line: CkptfsCommand.fullMessage(for: request))
      try output.flush()
      return .done
    } catch {
      return end(with: error)
    }
  }

  /// Not from the parsed command, since an error may come before there is one.
  private var wantsJSON: Bool { arguments.prefix { $0 != "--" }.contains("--json") }

  private var remedy: String {
    let names = CkptfsCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard let name = arguments.first, names.contains(name) else { return "see 'ckptfs --help'" }
    return "see 'ckptfs \(name) --help'"
  }
}

extension String {
  fileprivate var uncapitalized: String { prefix(1).lowercased() + dropFirst() }
}
