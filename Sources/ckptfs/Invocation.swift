// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import LinuxFiles

/// One run of the program, from its arguments to its exit status.
struct Invocation {
  private let arguments: [String]

  init(_ arguments: [String]) {
    self.arguments = Self.withCommandFirst(arguments)
  }

  /// Options of all commands may also stand before the command: `ckptfs --json ls`.
  private static func withCommandFirst(_ arguments: [String]) -> [String] {
    var rest = arguments[...]
    var options: [String] = []
    while let option = rest.first, option == "--json" || option.hasPrefix("--store") {
      options.append(rest.removeFirst())
      if option == "--store", let value = rest.popFirst() { options.append(value) }
    }
    guard let command = rest.popFirst() else { return arguments }
    return [command] + options + (command == "mount" ? withMountOptionsApart(rest) : Array(rest))
  }

  /// `-oumask=022` as mount(8) takes it; the parser would take it for a long option with one dash.
  private static func withMountOptionsApart(_ arguments: ArraySlice<String>) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    return arguments[..<end].flatMap { argument in
      argument.hasPrefix("-o") && argument.count > 2
        ? ["-o", String(argument.dropFirst(2))] : [argument]
    } + arguments[end...]
  }

  func run() -> ExitStatus {
    do {
      if let argument = ProgramArguments.unreadable(orVariable: "CKPTFS_STORE") {
        throw Failure(
          .usage, "usage",
          "'\(argument)' is not UTF-8, which ckptfs does not take as a path or name; give the file another name, or a link"
        )
      }
      guard !arguments.isEmpty else { return try printUsage() }
      try checkHelpSubject()
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
      let message = CkptfsCommand.message(for: error)
      throw Failure(.usage, "usage", "\(unknownCommand ?? message.asClause); \(remedy)")
    }
  }

  /// As other programs with commands do, it tells what there is, and is a wrong call.
  private func printUsage() throws -> ExitStatus {
    var output = StandardOutput()
    try output.write(verbatim: CkptfsCommand.helpMessage())
    try output.flush()
    return .usage
  }

  /// The parser would help with what comes before the name that it does not know.
  private func checkHelpSubject() throws {
    guard arguments.first == "help",
      let name = arguments.dropFirst().first(where: { !$0.hasPrefix("-") }), !isCommand(name)
    else { return }
    throw Failure(.usage, "usage", "there is no command '\(name)'; see 'ckptfs --help'")
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
      try output.write(verbatim: CkptfsCommand.fullMessage(for: request))
      try output.flush()
      return .done
    } catch {
      return end(with: error)
    }
  }

  /// Not from the parsed command, since an error may come before there is one.
  private var wantsJSON: Bool { arguments.prefix { $0 != "--" }.contains("--json") }

  private var unknownCommand: String? {
    guard let name = arguments.first, !name.hasPrefix("-"), !isCommand(name) else { return nil }
    return "there is no command '\(name)'"
  }

  private var remedy: String {
    guard let name = arguments.first, isCommand(name) else { return "see 'ckptfs --help'" }
    return "see 'ckptfs \(name) --help'"
  }

  private func isCommand(_ name: String) -> Bool {
    CkptfsCommand.configuration.subcommands.contains { $0.configuration.commandName == name }
  }
}

extension String {
  /// The sentence as a part of one, in one line.
  fileprivate var asClause: String {
    let text = withoutRepetition.split(whereSeparator: \.isNewline).joined(separator: " ")
    return text.prefix(1).lowercased()
      + (text.last == "." ? text.dropFirst().dropLast() : text.dropFirst())
  }

  /// Where the reason names the value itself, the reason alone: the parser puts "The value 'V' is invalid for 'A': " before it.
  private var withoutRepetition: String {
    let (start, middle, end) = ("The value '", "' is invalid for '", "': ")
    guard hasPrefix(start), let verdict = firstRange(of: middle) else { return self }
    let value = self[..<verdict.lowerBound].dropFirst(start.count)
    guard
      let reason = self[verdict.upperBound...].firstRange(of: end).map({ self[$0.upperBound...] }),
      reason.hasPrefix("'\(value)'")
    else { return self }
    return String(reason)
  }
}
