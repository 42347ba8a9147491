#include "probe/dns/hosts.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace openseer::probe::dns {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

Hosts::Hosts(std::string path)
    : path_(std::move(path)), localhost_{address_v6::loopback(), address_v4::loopback()} {}

const std::vector<address>* Hosts::find(const std::string& name, Monotonic now) {
  if (name == "localhost" || name.ends_with(".localhost")) return &localhost_;
  refresh(now);
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : &found->second;
}

void Hosts::refresh(Monotonic now) {
  if (now < next_look_) return;
  next_look_ = now + Seconds{1};
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0) {
    names_.clear();
    changed_ = {};
    return;
  }
  const bool same = status.st_mtim.tv_sec == changed_.tv_sec && status.st_mtim.tv_nsec == changed_.tv_nsec;
  if (same) return;
  changed_ = status.st_mtim;
  read();
}

void Hosts::read() {
  names_.clear();
  std::ifstream file(path_);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    words >> word;
    boost::system::error_code error;
    const address at = boost::asio::ip::make_address(word, error);
    if (error) continue;
    while (words >> word) {
      std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
      std::vector<address>& known = names_[word];
      if (std::ranges::find(known, at) == known.end()) known.push_back(at);
    }
  }
}

}  // namespace openseer::probe::dns
