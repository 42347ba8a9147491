#pragma once

#include <filesystem>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace openseer::app {

namespace asio = boost::asio;

// A backup is a tar file (mode 0600) of
//
//   openseer-backup   "1 15": the format's version and PostgreSQL's
//   secret.key        what opens the sealed secrets of the database, the CA's key among them
//   base.tar.gz, pg_wal.tar.gz, backup_manifest   as pg_basebackup writes them
//
// so it holds everything an instance is, and is as secret as the data directory.
// Not in it: the keys of local workers, which enrol again, and local.conf's
// neighbours outside the data directory.

// Of the private PostgreSQL of `data_directory`: running or not, the backup is of one
// instant and holds nothing up. Throws std::runtime_error; leaves no file then.
asio::awaitable<void> make_backup(asio::any_io_executor executor, std::filesystem::path data_directory,
                                  std::filesystem::path file);

// Makes `data_directory`, which must not exist or be empty, from a backup; checks
// every file against the manifest first. Throws std::runtime_error; leaves no
// directory then.
asio::awaitable<void> restore_backup(asio::any_io_executor executor, std::filesystem::path data_directory,
                                     std::filesystem::path file);

}  // namespace openseer::app
