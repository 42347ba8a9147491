#include "store/watched.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

const pg::Statement kAnnounce{
    "watched_announce", "SELECT pg_notify('openseer_watching', id::text) FROM unnest($1::bigint[]) AS id"};

}  // namespace

asio::awaitable<void> announce_watched(pg::Pool& pool, std::vector<std::int64_t> workspace_ids) {
  co_await pool.query(kAnnounce, pg::bind(workspace_ids));
}

}  // namespace openseer::store
