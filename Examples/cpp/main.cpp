// SPDX-License-Identifier: Apache-2.0
//
// Writes to a database of two column families and keeps three checkpoints of it, while it stays open.
//
//     commit_checkpoints DATABASE HISTORY        (the store is $CKPTFS_STORE)

#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

extern char **environ;

namespace {

void check(const rocksdb::Status &status, const std::string &what) {
  if (!status.ok()) throw std::runtime_error(what + ": " + status.ToString());
}

// Runs `ckptfs` to its end. Without a shell, since paths may hold anything.
int run_ckptfs(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ckptfs");
  std::vector<char *> argv;
  for (auto &argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid;
  if (int error = posix_spawnp(&pid, "ckptfs", nullptr, nullptr, argv.data(), environ))
    throw std::runtime_error(std::string("cannot run ckptfs: ") + std::strerror(error));
  int status;
  while (waitpid(pid, &status, 0) == -1)
    if (errno != EINTR) throw std::runtime_error("cannot wait for ckptfs");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Keeps the database as it is now as the next checkpoint of `history`.
//
// Writers may go on. Only the first half holds them up, and may be called where they pause; the second may be done by
// another thread.
void commit_checkpoint(rocksdb::DB *db, const std::string &history) {
  // On the database's file system, so that RocksDB makes hard links; nobody else may write there.
  const std::string directory = db->GetName() + ".checkpoint";

  // What a run that was killed has left. RocksDB makes DIRECTORY.tmp first, and fails if it is there.
  std::filesystem::remove_all(directory);
  std::filesystem::remove_all(directory + ".tmp");

  rocksdb::Checkpoint *made;
  check(rocksdb::Checkpoint::Create(db, &made), "Checkpoint::Create");
  std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // 0 flushes first. Any other number copies a shorter log instead, and would lose what was written with
  // WriteOptions::disableWAL.
  check(checkpoint->CreateCheckpoint(directory, 0), "CreateCheckpoint");

  // When this has returned 0 the checkpoint is durable; else it is not there, and stderr says why.
  const int status = run_ckptfs({"commit", directory, "--history", history, "--json"});
  std::filesystem::remove_all(directory);
  if (status == 4) throw std::runtime_error("the store is busy; try again");
  if (status != 0) throw std::runtime_error("ckptfs commit ended with " + std::to_string(status));
}

// An open database with its column families, which must be closed before it.
class Database {
 public:
  explicit Database(const std::string &path) {
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    rocksdb::DB *opened;
    check(rocksdb::DB::Open(options, path,
                            {{rocksdb::kDefaultColumnFamilyName, {}}, {"orders", {}}}, &families_,
                            &opened),
          "DB::Open");
    db_.reset(opened);
  }
  ~Database() {
    for (auto *family : families_) db_->DestroyColumnFamilyHandle(family);
  }
  Database(const Database &) = delete;
  Database &operator=(const Database &) = delete;

  rocksdb::DB *get() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle *rounds() const { return families_[0]; }
  rocksdb::ColumnFamilyHandle *orders() const { return families_[1]; }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle *> families_;
};

void run(const std::string &path, const std::string &history) {
  const Database database(path);
  for (int round = 1; round <= 3; ++round) {
    rocksdb::WriteBatch batch;
    for (int row = 0; row < 1000; ++row)
      batch.Put(database.orders(), std::to_string(round * 1000 + row), std::string(100, 'x'));
    batch.Put(database.rounds(), "round", std::to_string(round));
    check(database.get()->Write({}, &batch), "Write");
    commit_checkpoint(database.get(), history);
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::cerr << "usage: commit_checkpoints DATABASE HISTORY\n";
    return 64;
  }
  try {
    run(argv[1], argv[2]);
  } catch (const std::exception &error) {
    std::cerr << "commit_checkpoints: " << error.what() << "\n";
    return 1;
  }
}
