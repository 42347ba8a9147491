#pragma once

#include <string>

#include <boost/asio/io_context.hpp>

#include "domain/monitor.h"
#include "probe/probe.h"

namespace openseer::probe::test {

inline Options local_options() {
  Options options;
  options.egress.allow_private = true;
  return options;
}

inline domain::MonitorSpec spec_for(std::string url) {
  domain::MonitorSpec spec;
  spec.url = std::move(url);
  spec.timeout = Seconds{10};
  return spec;
}

// One check, from start to measurement.
inline domain::Measurement probe_once(const domain::MonitorSpec& spec, Options options = local_options()) {
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), std::move(options));
  std::optional<domain::Measurement> found;
  prober.start(spec, [&](domain::Measurement measurement) {
    found = std::move(measurement);
    context.stop();
  });
  if (found) throw std::logic_error("the callback ran within start()");
  context.run();
  if (prober.in_flight() != 0) throw std::logic_error("a finished check is still in flight");
  return found.value();
}

inline domain::Measurement probe_url(std::string url, Options options = local_options()) {
  return probe_once(spec_for(std::move(url)), std::move(options));
}

}  // namespace openseer::probe::test
