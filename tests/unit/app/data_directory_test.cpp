#include "app/data_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::app {
namespace {

namespace fs = std::filesystem;

class DataDirectoryTest : public testing::Test {
 protected:
  DataDirectoryTest() {
    std::string path = "/tmp/openseer-data-XXXXXX";
    parent_ = mkdtemp(path.data());
  }
  ~DataDirectoryTest() override { fs::remove_all(parent_); }
  static unsigned mode(const fs::path& path) {
    struct stat info {};
    return stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
  }
  fs::path parent_;
};

TEST_F(DataDirectoryTest, TheSecretKeyIsMadeOnceAndOnlyItsOwnerReadsIt) {
  const DataDirectory data(parent_ / "data");
  const fs::path file = data.secret_key_file();
  const std::string key = data.read("secret.key");
  EXPECT_EQ(key.size(), 64U);
  EXPECT_EQ(mode(file), 0600U);
  DataDirectory(parent_ / "data").secret_key_file();
  EXPECT_EQ(data.read("secret.key"), key);
}

TEST_F(DataDirectoryTest, OthersMayNotLookInside) {
  const DataDirectory data(parent_ / "data");
  EXPECT_EQ(mode(data.path()) & 0066U, 0U);
}

TEST_F(DataDirectoryTest, TwoProcessesCannotShareIt) {
  const DataDirectory data(parent_ / "data");
  auto first = std::make_unique<DirectoryLock>(data, "lock");
  try {
    const DirectoryLock second(data, "lock");
    FAIL() << "both hold it";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("in use by process " + std::to_string(getpid())));
    EXPECT_THAT(error.what(), testing::HasSubstr("--data-dir"));
  }
  first.reset();
  EXPECT_NO_THROW(DirectoryLock(data, "lock"));
}

TEST_F(DataDirectoryTest, AFileInItsPlaceIsAnError) {
  EXPECT_THROW(DataDirectory("/dev/null/data"), std::runtime_error);
}

}  // namespace
}  // namespace openseer::app
