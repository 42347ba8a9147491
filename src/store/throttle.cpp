#include "store/throttle.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

const pg::Statement kWait{"throttle_wait", R"(
SELECT ceil(extract(epoch FROM max(blocked_until) - now()))::bigint
FROM app.sign_in_throttle WHERE subject = ANY ($1) AND blocked_until > now())"};

const pg::Statement kCount{"throttle_count", R"(
INSERT INTO app.sign_in_throttle AS t (subject, failures, blocked_until)
SELECT subject, 1, now() FROM unnest($1::bytea[]) AS new (subject) ORDER BY subject
ON CONFLICT (subject) DO UPDATE SET
  failures = CASE WHEN t.last_failure_at < now() - interval '1 hour' THEN 1 ELSE t.failures + 1 END,
  last_failure_at = now()
WHERE t.blocked_until <= now()
RETURNING subject)"};

const pg::Statement kBlock{"throttle_block", R"(
UPDATE app.sign_in_throttle t
SET blocked_until = now() + least(power(2, least(t.failures - s.free, 20)), 900) * interval '1 s'
FROM unnest($1::bytea[], $2::integer[]) AS s (subject, free)
WHERE t.subject = s.subject AND t.failures >= s.free)"};

const pg::Statement kForget{"throttle_forget", "DELETE FROM app.sign_in_throttle WHERE subject = $1"};
const pg::Statement kTakeBack{"throttle_take_back", R"(
UPDATE app.sign_in_throttle SET failures = failures - 1, blocked_until = now()
WHERE subject = ANY ($1) AND failures > 0)"};

std::vector<pg::Bytes> hashes(const std::vector<ThrottleSubject>& subjects) {
  std::vector<pg::Bytes> out;
  for (const ThrottleSubject& subject : subjects) out.push_back({subject.hash});
  return out;
}

}  // namespace

asio::awaitable<Seconds> begin_attempt(pg::Pool& pool, std::vector<ThrottleSubject> subjects) {
  const std::vector<pg::Bytes> keys = hashes(subjects);
  const pg::Rows wait = co_await pool.query(kWait, pg::bind(keys));
  if (const auto seconds = wait[0].get<std::optional<std::int64_t>>(0)) co_return Seconds{*seconds};

  std::vector<std::int32_t> free;
  for (const ThrottleSubject& subject : subjects) free.push_back(subject.free_attempts);
  std::vector<pg::Query> queries;
  queries.push_back({&kCount, pg::bind(keys)});
  queries.push_back({&kBlock, pg::bind(keys, free)});
  const std::vector<pg::Rows> results = co_await pool.pipeline(std::move(queries));
  // Another attempt came first and used up the turn.
  if (results.front().size() < subjects.size()) co_return Seconds{1};
  co_return Seconds{0};
}

asio::awaitable<void> attempt_succeeded(pg::Pool& pool, std::vector<ThrottleSubject> subjects) {
  std::vector<pg::Query> queries;
  queries.push_back({&kForget, pg::bind(pg::Bytes{subjects.front().hash})});
  queries.push_back({&kTakeBack, pg::bind(hashes(subjects))});
  co_await pool.pipeline(std::move(queries));
}

}  // namespace openseer::store
