#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "probe/http/decoder.h"
#include "probe/http/exchange.h"

namespace openseer::probe::http {

// The body of an answer on its way in: counted as received, its content codings
// undone, counted as decoded, the beginning kept. Part of an Exchange.
class Body final : private Sink {
 public:
  // For an answer whose headers are in. `answer` must outlive it.
  void begin(Answer& answer, const ExchangeLimits& limits);

  // False when fault() says why nothing more is wanted.
  bool receive(std::string_view bytes);
  // All of it has come.
  bool finish();

  const Fault& fault() const { return fault_; }

 private:
  // Between two decoders: what comes out of one is bounded like the body itself, or a
  // body that is encoded three times over, and whose innermost layer says nothing, would keep
  // a worker busy for hours.
  class Layer final : public Sink {
   public:
    Layer(Body& body, Sink& next) : body_(body), next_(next) {}
    bool take(std::string_view bytes) override;

   private:
    Body& body_;
    Sink& next_;
    std::uint64_t bytes_ = 0;
  };

  bool take(std::string_view bytes) override;
  bool too_large();
  void add_decoders(std::string_view codings);
  bool fail(domain::Reason reason, std::string message);
  bool explain();

  Answer* answer_ = nullptr;
  ExchangeLimits limits_;
  // Each feeds the one before it through a layer, the first feeds this.
  std::vector<std::unique_ptr<Decoder>> decoders_;
  std::vector<std::unique_ptr<Layer>> layers_;
  Fault fault_;
};

}  // namespace openseer::probe::http
