#include "control/ingest/watched.h"

#include <gtest/gtest.h>

namespace openseer::control {
namespace {

constexpr Monotonic kStart = Monotonic{} + std::chrono::hours{1};

TEST(Watched, AWorkspaceIsWatchedWhileItIsAnnounced) {
  Watched watched;
  watched.heard("7", kStart);
  EXPECT_TRUE(watched.at(kStart + Watched::kAnnounceEvery)->contains(7));
  watched.heard("7", kStart + Watched::kAnnounceEvery);
  EXPECT_TRUE(watched.at(kStart + Watched::kLasts)->contains(7));
  EXPECT_TRUE(watched.at(kStart + Watched::kAnnounceEvery + Watched::kLasts)->empty());
}

TEST(Watched, WhileAnnouncementsMayBeMissingEverythingIs) {
  Watched watched;
  EXPECT_NE(watched.at(kStart), nullptr);
  watched.missed(kStart);
  EXPECT_EQ(watched.at(kStart), nullptr);
  EXPECT_NE(watched.at(kStart + Watched::kLasts), nullptr);
}

TEST(Watched, WhatIsNoNumberIsIgnored) {
  Watched watched;
  watched.heard("7x", kStart);
  watched.heard("", kStart);
  EXPECT_TRUE(watched.at(kStart)->empty());
}

}  // namespace
}  // namespace openseer::control
