// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import Foundation

exit(Actor.run(CommandLine.arguments))
