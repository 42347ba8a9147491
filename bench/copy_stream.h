#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

// COPY ... FROM STDIN (FORMAT binary), a connection of its own for each table, so that
// several are filled side by side. Throws std::runtime_error with the server's words.
namespace openseer::bench {

class Database {
 public:
  explicit Database(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
    if (PQstatus(connection_) != CONNECTION_OK) fail();
    run("SET synchronous_commit = off; SET TimeZone = 'UTC'");
  }
  ~Database() { PQfinish(connection_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The first column of all rows, as text.
  std::vector<std::string> run(const std::string& sql) {
    PGresult* result = PQexec(connection_, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail();
    std::vector<std::string> rows;
    for (int i = 0; i < PQntuples(result); ++i) rows.emplace_back(PQgetvalue(result, i, 0));
    PQclear(result);
    return rows;
  }
  PGconn* native() { return connection_; }
  [[noreturn]] void fail() const { throw std::runtime_error(PQerrorMessage(connection_)); }

 private:
  PGconn* connection_;
};

class CopyStream {
 public:
  CopyStream(const std::string& url, const std::string& table_and_columns) : database_(url) {
    PGresult* result =
        PQexec(database_.native(), ("COPY " + table_and_columns + " FROM STDIN (FORMAT binary)").c_str());
    if (PQresultStatus(result) != PGRES_COPY_IN) database_.fail();
    PQclear(result);
    out_.append("PGCOPY\n\377\r\n\0", 11);
    out_.append(8, '\0');
  }

  CopyStream& row(std::int16_t columns) {
    if (out_.size() > 1 << 18) flush();
    ++rows_;
    return put(columns);
  }
  CopyStream& i2(std::int64_t v) { return put(std::int32_t{2}).put(static_cast<std::int16_t>(v)); }
  CopyStream& i4(std::int64_t v) { return put(std::int32_t{4}).put(static_cast<std::int32_t>(v)); }
  CopyStream& i8(std::int64_t v) { return put(std::int32_t{8}).put(v); }
  CopyStream& flag(bool v) {
    put(std::int32_t{1});
    out_.push_back(v ? '\1' : '\0');
    return *this;
  }
  // Microseconds since 1970.
  CopyStream& time(std::int64_t us) { return i8(us - 946'684'800'000'000); }
  // Of IPv4, as inet: family, bits, is it a network, length, address.
  CopyStream& address(const std::array<std::uint8_t, 4>& v) {
    put(std::int32_t{8}).put(std::int8_t{2}).put(std::int8_t{32}).put(std::int8_t{0}).put(std::int8_t{4});
    out_.append(v.begin(), v.end());
    return *this;
  }
  CopyStream& null() { return put(std::int32_t{-1}); }
  CopyStream& text(std::string_view v) {
    put(static_cast<std::int32_t>(v.size()));
    out_ += v;
    return *this;
  }
  CopyStream& array(const std::vector<std::int32_t>& values) {
    put(static_cast<std::int32_t>(values.empty() ? 12 : 20 + 8 * values.size()));
    put(std::int32_t{values.empty() ? 0 : 1}).put(std::int32_t{0}).put(std::int32_t{23});
    if (values.empty()) return *this;
    put(static_cast<std::int32_t>(values.size())).put(std::int32_t{1});
    for (const std::int32_t v : values) i4(v);
    return *this;
  }

  // Everything is there afterwards. Returns the number of rows.
  std::int64_t finish() {
    put(std::int16_t{-1});
    flush();
    if (PQputCopyEnd(database_.native(), nullptr) != 1) database_.fail();
    PGresult* result = PQgetResult(database_.native());
    if (PQresultStatus(result) != PGRES_COMMAND_OK) database_.fail();
    PQclear(result);
    return rows_;
  }

 private:
  template <class I>
  CopyStream& put(I value) {
    for (int shift = static_cast<int>(sizeof(I)) * 8 - 8; shift >= 0; shift -= 8)
      out_.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> shift));
    return *this;
  }
  void flush() {
    if (PQputCopyData(database_.native(), out_.data(), static_cast<int>(out_.size())) != 1) database_.fail();
    out_.clear();
  }

  Database database_;
  std::string out_;
  std::int64_t rows_ = 0;
};

}  // namespace openseer::bench
