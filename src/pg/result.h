#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "pg/value.h"

struct pg_result;  // libpq's

namespace openseer::pg {

namespace detail {
template <class T>
struct Reader {
  static T read(std::optional<std::string_view> bytes) {
    if (!bytes) throw std::logic_error("pg: null in a column that is read as not null");
    return Codec<T>::decode(*bytes);
  }
};
template <class T>
struct Reader<std::optional<T>> {
  static std::optional<T> read(std::optional<std::string_view> bytes) {
    if (!bytes) return std::nullopt;
    return Reader<T>::read(bytes);
  }
};
template <class T>
struct Reader<std::vector<T>> {
  static std::vector<T> read(std::optional<std::string_view> bytes) {
    if (!bytes) throw std::logic_error("pg: null in a column that is read as not null");
    std::vector<T> out;
    for (const auto& element : array_elements(*bytes)) out.push_back(Reader<T>::read(element));
    return out;
  }
};
}  // namespace detail

class Row {
 public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}
  // Column `column` (from 0) as T; optional<T> where it may be null. Throws
  // std::logic_error when the statement and its reader disagree.
  template <class T>
  T get(int column) const {
    return detail::Reader<T>::read(bytes(column));
  }

 private:
  std::optional<std::string_view> bytes(int column) const;
  const pg_result* result_;
  int row_;
};

// The rows of one statement. Move-only; rows point into it.
class Rows {
 public:
  explicit Rows(pg_result* result);
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  Row operator[](std::size_t index) const { return {result_.get(), static_cast<int>(index)}; }
  // Rows changed by an INSERT, UPDATE or DELETE.
  std::int64_t affected() const;

  class Iterator {
   public:
    Iterator(const Rows& rows, std::size_t index) : rows_(&rows), index_(index) {}
    Row operator*() const { return (*rows_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const Rows* rows_;
    std::size_t index_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace openseer::pg
