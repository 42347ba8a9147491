#include "app/secret_key.h"

#include <fstream>
#include <iostream>
#include <stdexcept>

#include <sys/stat.h>

#include "pki/secret_box.h"

namespace openseer::app {
namespace {

bool is_key(const std::string& text) {
  try {
    pki::SecretBox::from_hex(text);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

options::Parser key_text(SecretKey& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    if (!is_key(std::string(value)))
      return "must be 64 hexadecimal digits (make one with: openssl rand -hex 32)";
    into.hex = value;
    return std::nullopt;
  };
}

options::Parser key_file(SecretKey& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    const std::string path(value);
    struct stat info {};
    std::ifstream file(path);
    std::string line;
    if (stat(path.c_str(), &info) != 0 || !file) return "must name a file that can be read";
    if ((info.st_mode & S_IROTH) != 0) return "must name a file that others may not read (chmod 600)";
    if (!std::getline(file, line) || !is_key(line))
      return "must name a file that holds 64 hexadecimal digits";
    into.hex = line;
    return std::nullopt;
  };
}

}  // namespace

std::vector<options::Option> secret_key_options(SecretKey& into) {
  return {options::secret(
              {"secret-key", "OPENSEER_SECRET_KEY", "HEX", "",
               "Seals secrets in the database: 64 hexadecimal digits, the same for every replica. Rather "
               "the file: a process's arguments are no secret.",
               key_text(into)}),
          {"secret-key-file", "OPENSEER_SECRET_KEY_FILE", "FILE", "",
           "A file that holds the secret key and that others may not read.", key_file(into)}};
}

std::optional<int> require(const SecretKey& key, const std::string& command) {
  if (!key.hex.empty()) return std::nullopt;
  std::cerr << command << ": --secret-key-file or OPENSEER_SECRET_KEY_FILE (or the key itself) is required\n";
  return 2;
}

}  // namespace openseer::app
