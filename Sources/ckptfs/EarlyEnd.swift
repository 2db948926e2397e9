// SPDX-License-Identifier: Apache-2.0

/// Ends a command that has said all there is to say with a status other than done.
struct EarlyEnd: Error {
  let status: ExitStatus
}
