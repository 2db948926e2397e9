// SPDX-License-Identifier: Apache-2.0

import CrashHarness
import Testing

@Suite("Killed at any step", .serialized)
struct KillTests {
}
