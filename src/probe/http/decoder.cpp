#include "probe/http/decoder.h"

#include <array>
#include <new>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include "probe/http/headers.h"

namespace openseer::probe::http {
namespace {

// One piece of output. Decoders nest, each with a piece on the stack.
constexpr std::size_t kPiece = 8 * 1024;
// RFC 9659: what a zstd decoder on the web must support, and no more.
constexpr int kZstdWindowLog = 23;

std::string_view text(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

enum class Wrapper { kGzip, kDeflate };

class ZlibDecoder final : public Decoder {
 public:
  ZlibDecoder(Wrapper wrapper, Sink& next) : Decoder(next), wrapper_(wrapper) {}
  ~ZlibDecoder() override {
    if (state_ != State::kStart) inflateEnd(&stream_);
  }

  bool take(std::string_view bytes) override {
    while (!bytes.empty()) {
      if (state_ == State::kStart && !begin(bytes)) return bytes.empty();
      // A gzip file may have several members (RFC 1952, section 2.2).
      if (state_ == State::kEnd) {
        if (wrapper_ != Wrapper::kGzip) return broken("go on after the end of their deflate stream");
        inflateReset(&stream_);
        state_ = State::kRunning;
      }
      if (!inflate_some(bytes)) return false;
    }
    return true;
  }

  bool finish() override { return state_ == State::kEnd || (state_ == State::kStart && !held_); }

 private:
  enum class State { kStart, kRunning, kEnd };

  // "deflate" is a zlib stream by RFC 9110, yet some servers send a bare one: the
  // first two bytes tell. False while more is needed; throws without memory.
  bool begin(std::string_view& bytes) {
    int window = 15 + 16;
    if (wrapper_ == Wrapper::kDeflate) {
      if (!held_ && bytes.size() == 1) {
        held_ = true;
        first_ = bytes[0];
        bytes = {};
        return false;
      }
      const auto first = static_cast<unsigned char>(held_ ? first_ : bytes[0]);
      const auto second = static_cast<unsigned char>(bytes[held_ ? 0 : 1]);
      const bool wrapped = (first & 0x0f) == 8 && ((first << 8) | second) % 31 == 0;
      window = wrapped ? 15 : -15;
    }
    if (inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc();
    state_ = State::kRunning;
    if (std::string_view first(&first_, 1); held_) return inflate_some(first);
    return true;
  }

  bool inflate_some(std::string_view& bytes) {
    std::array<unsigned char, kPiece> piece;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    int code = Z_OK;
    do {
      stream_.next_out = piece.data();
      stream_.avail_out = kPiece;
      code = inflate(&stream_, Z_NO_FLUSH);
      if (code == Z_MEM_ERROR) throw std::bad_alloc();
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return broken(wrapper_ == Wrapper::kGzip ? "are no valid gzip" : "are no valid deflate stream");
      }
      const std::size_t size = kPiece - stream_.avail_out;
      if (size > 0 && !next_.take(text(piece.data(), size))) return false;
    } while (code == Z_OK && (stream_.avail_out == 0 || stream_.avail_in > 0));
    bytes.remove_prefix(bytes.size() - stream_.avail_in);
    if (code == Z_STREAM_END) state_ = State::kEnd;
    return true;
  }

  const Wrapper wrapper_;
  State state_ = State::kStart;
  bool held_ = false;
  char first_ = 0;
  z_stream stream_{};
};

class BrotliDecoder final : public Decoder {
 public:
  explicit BrotliDecoder(Sink& next)
      : Decoder(next), state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) throw std::bad_alloc();
  }
  ~BrotliDecoder() override { BrotliDecoderDestroyInstance(state_); }

  bool take(std::string_view bytes) override {
    const auto* in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t left = bytes.size();
    if (left > 0) begun_ = true;
    while (left > 0 || BrotliDecoderHasMoreOutput(state_)) {
      if (BrotliDecoderIsFinished(state_)) return broken("go on after the end of their brotli stream");
      std::array<std::uint8_t, kPiece> piece;
      std::uint8_t* out = piece.data();
      std::size_t room = kPiece;
      if (BrotliDecoderDecompressStream(state_, &left, &in, &room, &out, nullptr) ==
          BROTLI_DECODER_RESULT_ERROR) {
        return broken("are no valid brotli");
      }
      if (room < kPiece && !next_.take(text(piece.data(), kPiece - room))) return false;
    }
    return true;
  }

  bool finish() override { return !begun_ || BrotliDecoderIsFinished(state_); }

 private:
  bool begun_ = false;
  BrotliDecoderState* state_;
};

class ZstdDecoder final : public Decoder {
 public:
  explicit ZstdDecoder(Sink& next) : Decoder(next), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kZstdWindowLog);
  }
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }

  bool take(std::string_view bytes) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool full = false;
    while (in.pos < in.size || full) {
      std::array<unsigned char, kPiece> piece;
      ZSTD_outBuffer out{piece.data(), kPiece, 0};
      const std::size_t hint = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(hint)) return broken("are no valid zstd");
      complete_ = hint == 0;
      full = out.pos == kPiece && !complete_;
      if (out.pos > 0 && !next_.take(text(piece.data(), out.pos))) return false;
    }
    return true;
  }

  bool finish() override { return complete_; }

 private:
  bool complete_ = true;  // between frames, of which there may be several
  ZSTD_DStream* stream_;
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(std::string_view coding, Sink& next) {
  if (same_name(coding, "gzip") || same_name(coding, "x-gzip")) {
    return std::make_unique<ZlibDecoder>(Wrapper::kGzip, next);
  }
  if (same_name(coding, "deflate")) return std::make_unique<ZlibDecoder>(Wrapper::kDeflate, next);
  if (same_name(coding, "br")) return std::make_unique<BrotliDecoder>(next);
  if (same_name(coding, "zstd")) return std::make_unique<ZstdDecoder>(next);
  return nullptr;
}

}  // namespace openseer::probe::http
