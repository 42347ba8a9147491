#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace openseer::probe::http {

// Where decoded bytes go, piece by piece.
class Sink {
 public:
  Sink() = default;
  virtual ~Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  // False: it takes no more, and whoever feeds it stops at once.
  virtual bool take(std::string_view bytes) = 0;
};

// Undoes one content coding (RFC 9110, section 8.4.1) and passes the result on to
// the next sink in pieces of a few KB, so that a bomb is stopped by whoever counts.
class Decoder : public Sink {
 public:
  // What is wrong with the coded bytes, as the end of a sentence ("are no valid
  // gzip"); empty while nothing is. take() was false then.
  std::string_view defect() const { return defect_; }
  // No more bytes come; false when the coded stream is not complete.
  virtual bool finish() = 0;

 protected:
  explicit Decoder(Sink& next) : next_(next) {}
  bool broken(std::string_view defect) {
    defect_ = defect;
    return false;
  }

  Sink& next_;

 private:
  std::string_view defect_;
};

// "gzip", "x-gzip", "deflate" (with the zlib wrapper or without), "br" or "zstd";
// null for others. `next` must outlive it.
std::unique_ptr<Decoder> make_decoder(std::string_view coding, Sink& next);

}  // namespace openseer::probe::http
