// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The processors that this machine has now.
public enum Processors {
  public static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
