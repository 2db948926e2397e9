// SPDX-License-Identifier: Apache-2.0

public import GRDB
import GRDBSQLite

extension Database {
  /// Says whether the write-ahead log stays when this connection is closed, be it the last.
  ///
  /// SQLite removes it then when it believes that all of it is in the database. It believes so, too, of a log that it never came
  /// to read: where the first try to set its shared memory up failed, and the next could open that for reading only (seen with
  /// 3.40.1). What was committed is lost then. So a log is kept until it has been read.
  ///
  /// See <https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntlpersistwal>.
  public func keepLog(_ keeps: Bool) throws {
    var value: CInt = keeps ? 1 : 0
    // GRDB's connection, on GRDB's queue for it; SQLite writes what it is set to into `value`.
    let code = unsafe sqlite3_file_control(
      sqliteConnection, "main", SQLITE_FCNTL_PERSIST_WAL, &value)
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
  }
}
