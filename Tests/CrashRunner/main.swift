// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import Foundation

exit(Runner.run(Array(CommandLine.arguments.dropFirst())))
