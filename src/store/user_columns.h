#pragma once

#include "pg/result.h"
#include "store/accounts.h"

// A user as statements select it ("FROM app.users u") and as it is read.
#define USER_COLUMNS                                               \
  "u.id, u.email, u.instance_owner, u.created_at, u.display_name," \
  " EXISTS (SELECT FROM app.second_factors f WHERE f.user_id = u.id AND f.enabled_at IS NOT NULL)"

namespace openseer::store {

inline constexpr int kUserColumns = 6;
User read_user(const pg::Row& row, int first = 0);

}  // namespace openseer::store
