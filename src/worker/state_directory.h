#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace openseer::worker {

// Who this worker is: its private key, its certificate and the authority it trusts.
struct Identity {
  std::string private_key_pem;
  std::string certificate_pem;
  std::string ca_certificate_pem;
  std::int32_t worker_id = 0;  // from the certificate
};

// The directory (0700) that keeps a worker's identity (0600) over restarts,
// locked while this object lives: two processes must not be the same worker.
class StateDirectory {
 public:
  // Makes the directory when it is missing. Throws std::runtime_error with a
  // sentence for people when that is impossible or another process holds it.
  explicit StateDirectory(std::string path);
  ~StateDirectory();
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;

  // Nothing before the first save. Throws when what is there is damaged.
  std::optional<Identity> load() const;
  // All or nothing, on disk when it returns. Throws when it cannot be written.
  void save(const Identity& identity) const;

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace openseer::worker
