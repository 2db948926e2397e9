// SPDX-License-Identifier: Apache-2.0

import Glibc

/// How long it took until `condition` held; `nil` if it did not within ten seconds.
package func time(until condition: () throws -> Bool) rethrows -> Duration? {
  let start = ContinuousClock.now
  while ContinuousClock.now < start + .seconds(10) {
    if try condition() { return ContinuousClock.now - start }
    // What is waited for needs the processors.
    usleep(200)
  }
  return nil
}

/// Waits until `condition` holds, and says whether it ever did.
package func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  try time(until: condition) != nil
}
