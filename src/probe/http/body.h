#pragma once

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
  bool take(std::string_view bytes) override;
  void add_decoders(std::string_view codings);
  bool fail(domain::Reason reason, std::string message);
  bool explain();

  Answer* answer_ = nullptr;
  ExchangeLimits limits_;
  std::vector<std::unique_ptr<Decoder>> decoders_;  // each feeds the one before it, the first feeds this
  Fault fault_;
};

}  // namespace openseer::probe::http
