#include "pg/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <libpq-fe.h>

namespace openseer::pg {
namespace {

using Descriptor = asio::posix::stream_descriptor;
constexpr auto kToken = asio::use_awaitable;

std::string trimmed(const char* text) {
  std::string out = text == nullptr ? "" : text;
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out;
}

// Classes of SQLSTATE that mean "the server is not there for us": connection
// exceptions, resource shortage, operator intervention (shutdown, crash).
bool means_unavailable(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate.starts_with("53") || sqlstate.starts_with("57P");
}

}  // namespace

struct Connection::Native {
  PGconn* connection = nullptr;
  Descriptor descriptor;
  asio::steady_timer timer;
  bool expired = false;
  // Tells an armed timer's handler, which may already be queued, whether it is
  // still meant.
  std::shared_ptr<std::uint64_t> armed = std::make_shared<std::uint64_t>(0);

  explicit Native(asio::any_io_executor executor) : descriptor(executor), timer(executor) {}
  ~Native() {
    disarm();
    // The descriptor is libpq's to close.
    if (descriptor.is_open()) descriptor.release();
    PQfinish(connection);
  }

  void attach() {
    const int fd = PQsocket(connection);
    if (descriptor.is_open() && descriptor.native_handle() == fd) return;
    if (descriptor.is_open()) descriptor.release();
    descriptor.assign(fd);
  }

  // From here until disarm() a wait that lasts past `timeout` throws.
  void arm(Milliseconds timeout) {
    expired = false;
    timer.expires_after(timeout);
    timer.async_wait([this, armed = armed, mine = ++*armed](boost::system::error_code error) {
      if (error || *armed != mine) return;
      expired = true;
      if (descriptor.is_open()) descriptor.cancel();
    });
  }
  void disarm() {
    ++*armed;
    timer.cancel();
  }

  asio::awaitable<void> wait(Descriptor::wait_type type) {
    boost::system::error_code error;
    if (!expired) co_await descriptor.async_wait(type, asio::redirect_error(kToken, error));
    if (expired) throw Unavailable("PostgreSQL did not answer in time");
    if (error) throw boost::system::system_error(error);
  }

  // Until the server takes more, or has something to say.
  asio::awaitable<void> wait_either() {
    using namespace asio::experimental::awaitable_operators;
    constexpr auto whatever = asio::as_tuple(asio::use_awaitable);
    if (!expired) {
      co_await (descriptor.async_wait(Descriptor::wait_read, whatever) ||
                descriptor.async_wait(Descriptor::wait_write, whatever));
    }
    if (expired) throw Unavailable("PostgreSQL did not answer in time");
  }

  // Ends arm() with the scope.
  struct Disarm {
    Native& native;
    ~Disarm() { native.disarm(); }
  };

  [[noreturn]] void lost() { throw Unavailable(trimmed(PQerrorMessage(connection))); }
};

namespace {

// Marks the connection broken unless the operation came to its end.
class Guard {
 public:
  explicit Guard(bool& broken) : broken_(broken) { broken_ = true; }
  void done() { broken_ = false; }

 private:
  bool& broken_;
};

void check(const PGresult* result, const Statement* statement) {
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
  const char* code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  std::string sqlstate = code == nullptr ? "" : code;
  std::string message = primary == nullptr ? trimmed(PQresultErrorMessage(result)) : primary;
  if (sqlstate.empty() || means_unavailable(sqlstate)) throw Unavailable(message, sqlstate);
  if (statement != nullptr) message = std::string(statement->name()) + ": " + message;
  throw Error(message, sqlstate);
}

}  // namespace

Connection::Connection(std::unique_ptr<Native> native) : native_(std::move(native)) {}
Connection::~Connection() = default;

bool Connection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(native_->connection);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

asio::awaitable<std::unique_ptr<Connection>> Connection::open(asio::any_io_executor executor,
                                                              std::string conninfo, Milliseconds timeout) {
  auto native = std::make_unique<Native>(executor);
  // Plans are made for any parameters: replanning every batch costs a third.
  const char* keywords[] = {"dbname",          "application_name", "options",
                            "client_encoding", "keepalives_idle",  nullptr};
  const char* values[] = {conninfo.c_str(),
                          "openseer",
                          "-c plan_cache_mode=force_generic_plan -c statement_timeout=30s -c TimeZone=UTC "
                          "-c client_connection_check_interval=5s -c idle_in_transaction_session_timeout=60s "
                          "-c jit=off -c client_min_messages=warning",
                          "UTF8",
                          "10",
                          nullptr};
  native->connection = PQconnectStartParams(keywords, values, 1);
  if (native->connection == nullptr) throw std::bad_alloc();
  if (PQstatus(native->connection) == CONNECTION_BAD) native->lost();
  native->arm(timeout);
  Native::Disarm disarm{*native};
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED) native->lost();
    native->attach();
    co_await native->wait(state == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write);
    state = PQconnectPoll(native->connection);
  }
  native->attach();
  if (PQsetnonblocking(native->connection, 1) != 0) native->lost();
  PQsetNoticeProcessor(
      native->connection, [](void*, const char*) {}, nullptr);
  co_return std::unique_ptr<Connection>(new Connection(std::move(native)));
}

// Sends what is buffered. While the socket is full the server may be waiting
// for us to read, so both directions are served.
asio::awaitable<void> Connection::flush() {
  while (true) {
    const int left = PQflush(native_->connection);
    if (left < 0) native_->lost();
    if (left == 0) co_return;
    co_await native_->wait_either();
    // Does not wait: without anything to read it does nothing.
    if (PQconsumeInput(native_->connection) == 0) native_->lost();
  }
}

asio::awaitable<void> Connection::await_result() {
  while (PQisBusy(native_->connection) != 0) {
    co_await native_->wait(Descriptor::wait_read);
    if (PQconsumeInput(native_->connection) == 0) native_->lost();
  }
}

asio::awaitable<std::vector<Rows>> Connection::run(std::vector<Query> queries, Milliseconds timeout) {
  Guard guard(broken_);
  PGconn* c = native_->connection;
  native_->arm(timeout);
  Native::Disarm disarm{*native_};
  if (PQenterPipelineMode(c) == 0) native_->lost();

  // For each result to come: the statement it belongs to, and whether it is its preparation.
  std::vector<std::pair<const Statement*, bool>> expected;
  std::unordered_set<const Statement*> sent;
  for (const Query& query : queries) {
    std::vector<Oid> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats(query.params.size(), 1);
    for (const Param& p : query.params) {
      types.push_back(p.type);
      values.push_back(p.value ? p.value->data() : nullptr);
      lengths.push_back(p.value ? static_cast<int>(p.value->size()) : 0);
    }
    const auto count = static_cast<int>(query.params.size());
    if (!prepared_.contains(query.statement) && sent.insert(query.statement).second) {
      if (PQsendPrepare(c, query.statement->name(), query.statement->sql(), count, types.data()) == 0)
        native_->lost();
      expected.emplace_back(query.statement, true);
    }
    if (PQsendQueryPrepared(c, query.statement->name(), count, values.data(), lengths.data(), formats.data(),
                            1) == 0) {
      native_->lost();
    }
    expected.emplace_back(query.statement, false);
  }
  if (PQpipelineSync(c) == 0) native_->lost();
  co_await flush();

  std::vector<Rows> results;
  results.reserve(queries.size());
  std::exception_ptr failure;
  std::size_t next = 0;
  while (true) {
    co_await await_result();
    PGresult* raw = PQgetResult(c);
    if (raw == nullptr) continue;  // end of one statement's results
    Rows rows(raw);
    const ExecStatusType status = PQresultStatus(raw);
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_PIPELINE_ABORTED) {
      ++next;
      continue;
    }
    const auto [statement, preparation] =
        next < expected.size() ? expected[next] : std::pair{(const Statement*)nullptr, false};
    ++next;
    try {
      check(raw, statement);
      if (preparation)
        prepared_.insert(statement);
      else
        results.push_back(std::move(rows));
    } catch (...) {
      if (!failure) failure = std::current_exception();
      if (PQstatus(c) == CONNECTION_BAD) std::rethrow_exception(failure);
    }
  }
  if (PQexitPipelineMode(c) == 0) native_->lost();
  guard.done();
  if (failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const Unavailable&) {
      broken_ = true;
      throw;
    }
  }
  co_return results;
}

asio::awaitable<void> Connection::execute(std::string sql, Milliseconds timeout) {
  Guard guard(broken_);
  native_->arm(timeout);
  Native::Disarm disarm{*native_};
  if (PQsendQuery(native_->connection, sql.c_str()) == 0) native_->lost();
  co_await flush();
  std::exception_ptr failure;
  while (true) {
    co_await await_result();
    PGresult* raw = PQgetResult(native_->connection);
    if (raw == nullptr) break;
    Rows rows(raw);
    try {
      check(raw, nullptr);
    } catch (...) {
      if (!failure) failure = std::current_exception();
      if (PQstatus(native_->connection) == CONNECTION_BAD) std::rethrow_exception(failure);
    }
  }
  guard.done();
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<std::optional<Notification>> Connection::wait_notification(Milliseconds timeout) {
  Guard guard(broken_);
  native_->arm(timeout);
  Native::Disarm disarm{*native_};
  while (true) {
    if (PGnotify* notify = PQnotifies(native_->connection)) {
      Notification out{notify->relname, notify->extra};
      PQfreemem(notify);
      guard.done();
      co_return out;
    }
    boost::system::error_code error;
    co_await native_->descriptor.async_wait(Descriptor::wait_read, asio::redirect_error(kToken, error));
    if (native_->expired) {
      guard.done();
      co_return std::nullopt;
    }
    if (error) throw boost::system::system_error(error);
    if (PQconsumeInput(native_->connection) == 0) native_->lost();
  }
}

// --- results and statements ---

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }
Rows::Rows(pg_result* result) : result_(result) {}
std::size_t Rows::size() const { return static_cast<std::size_t>(PQntuples(result_.get())); }
std::int64_t Rows::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::optional<std::string_view> Row::bytes(int column) const {
  if (column >= PQnfields(result_)) throw std::logic_error("pg: no such column");
  if (PQgetisnull(result_, row_, column) != 0) return std::nullopt;
  return std::string_view(PQgetvalue(result_, row_, column),
                          static_cast<std::size_t>(PQgetlength(result_, row_, column)));
}

namespace {
std::vector<const Statement*>& statements() {
  static std::vector<const Statement*> all;
  return all;
}
}  // namespace

Statement::Statement(const char* name, const char* sql) : name_(name), sql_(sql) {
  statements().push_back(this);
}
const std::vector<const Statement*>& Statement::all() { return statements(); }

}  // namespace openseer::pg
