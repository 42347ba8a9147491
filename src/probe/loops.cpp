#include "probe/loops.h"

#include <csignal>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

namespace openseer::probe {

struct Loops::Lane {
  explicit Lane(const Options& options) {
    boost::asio::post(
        context, [this, options] { prober = std::make_unique<Prober>(context.get_executor(), options); });
    // A thread of ours must not take the process's signals.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread = std::thread([this] {
      context.run();
      prober.reset();
    });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  ~Lane() {
    context.stop();
    thread.join();
  }

  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{context.get_executor()};
  std::unique_ptr<Prober> prober;  // the thread's
  std::thread thread;
};

Loops::Loops(std::size_t count, boost::asio::any_io_executor home, const Options& options)
    : home_(std::move(home)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i)
    lanes_.push_back(std::make_unique<Lane>(options));
}

Loops::~Loops() { *alive_ = false; }

void Loops::start(std::shared_ptr<const domain::MonitorSpec> spec, Callback done) {
  Lane& lane = *lanes_[std::hash<std::string>{}(spec->url) % lanes_.size()];
  auto back = [home = home_, alive = alive_,
               done = std::move(done)](domain::Measurement measurement) mutable {
    boost::asio::post(home, [alive = std::move(alive), done = std::move(done),
                             measurement = std::move(measurement)]() mutable {
      if (*alive) done(std::move(measurement));
    });
  };
  boost::asio::post(lane.context, [&lane, spec = std::move(spec), back = std::move(back)]() mutable {
    lane.prober->start(std::move(spec), std::move(back));
  });
}

}  // namespace openseer::probe
