// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A variable of this process's environment.
package func environment(_ name: String) -> String? {
  ProcessInfo.processInfo.environment[name]
}
