// SPDX-License-Identifier: Apache-2.0

Daemon.main()
