#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <curl/curl.h>
#include <gtest/gtest.h>

// The processes under test are told everything by the tests: nothing of the
// environment this program was started in may reach them.
static void forget_configuration() {
  std::vector<std::string> names;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view variable = *at;
    const std::string name(variable.substr(0, variable.find('=')));
    const bool ours = name.starts_with("OPENSEER_") && name != "OPENSEER_TEST_DATABASE_URL";
    if (ours || name == "DATABASE_URL" || name.starts_with("PG")) names.push_back(name);
  }
  for (const std::string& name : names) unsetenv(name.c_str());
}

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  forget_configuration();
  std::signal(SIGPIPE, SIG_IGN);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return RUN_ALL_TESTS();
}
