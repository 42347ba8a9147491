#include "cli/check_options.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::cli {
namespace {

using domain::AuthScheme;
using testing::ElementsAre;
using testing::HasSubstr;

class CheckCommandLine : public testing::Test {
 protected:
  std::optional<int> type(const std::vector<std::string>& words) {
    options_ = {};
    out_.str("");
    err_.str("");
    return read_check_options(
        words, [](const std::string&) { return std::nullopt; }, out_, err_, options_);
  }
  const domain::MonitorSpec& spec() const { return options_.spec; }

  CheckOptions options_;
  std::ostringstream out_, err_;
};

TEST_F(CheckCommandLine, AUrlIsEnough) {
  ASSERT_EQ(type({"https://example.com/path"}), std::nullopt) << err_.str();
  EXPECT_EQ(spec().url, "https://example.com/path");
  EXPECT_EQ(spec().method, "GET");
  EXPECT_EQ(spec().max_redirects, 0);
  EXPECT_EQ(spec().timeout, Seconds{30});
  EXPECT_EQ(options_.repeats, 1);
}

TEST_F(CheckCommandLine, AHostAloneIsPlainHttpAsForCurl) {
  ASSERT_EQ(type({"localhost:8080"}), std::nullopt) << err_.str();
  EXPECT_EQ(spec().url, "http://localhost:8080");
}

TEST_F(CheckCommandLine, TakesCurlsSpellings) {
  ASSERT_EQ(type({"-XPUT", "-H", "Accept: text/html", "-HX-One:1", "-d", "a=1", "--data=b=2", "-kL", "-m",
                  "2.5", "-u", "me:secret:word", "--http1.1", "-4", "http://example.com"}),
            std::nullopt)
      << err_.str();
  EXPECT_EQ(spec().method, "PUT");
  EXPECT_THAT(spec().headers,
              ElementsAre(domain::Header{"Accept", "text/html", false}, domain::Header{"X-One", "1", false}));
  EXPECT_EQ(spec().body, "a=1&b=2");
  EXPECT_EQ(spec().body_type, domain::BodyType::kForm);
  EXPECT_TRUE(spec().tls.skip_verification);
  EXPECT_EQ(spec().max_redirects, 20);
  EXPECT_EQ(spec().timeout, Milliseconds{2500});
  EXPECT_EQ(spec().authentication.scheme, AuthScheme::kBasic);
  EXPECT_EQ(spec().authentication.password, "secret:word");
  EXPECT_EQ(spec().http, domain::HttpPolicy::kOnly1_1);
  EXPECT_EQ(spec().ip_family, domain::IpFamily::kIpv4);
}

TEST_F(CheckCommandLine, TheMethodFollowsFromTheRest) {
  ASSERT_EQ(type({"-d", "x", "http://example.com"}), std::nullopt);
  EXPECT_EQ(spec().method, "POST");
  ASSERT_EQ(type({"-I", "http://example.com"}), std::nullopt);
  EXPECT_EQ(spec().method, "HEAD");
  EXPECT_EQ(type({"-I", "-d", "x", "http://example.com"}), 2);
}

TEST_F(CheckCommandLine, ReadsABodyFromAFile) {
  const std::string path = testing::TempDir() + "/check-options-body";
  std::ofstream(path) << "line 1\nline 2\n";
  ASSERT_EQ(type({"-d", "@" + path, "http://example.com"}), std::nullopt);
  EXPECT_EQ(spec().body, "line 1line 2");
  ASSERT_EQ(type({"--data-binary", "@" + path, "http://example.com"}), std::nullopt);
  EXPECT_EQ(spec().body, "line 1\nline 2\n");
  ASSERT_EQ(type({"--data-raw", "@" + path, "http://example.com"}), std::nullopt);
  EXPECT_EQ(spec().body, "@" + path);
  EXPECT_EQ(type({"-d", "@/no/such/file", "http://example.com"}), 2);
  EXPECT_EQ(err_.str(), "openseer check: -d cannot be read: /no/such/file, got '@/no/such/file'\n");
}

TEST_F(CheckCommandLine, ResolveConcernsTheUrlsOwnHostAndPort) {
  ASSERT_EQ(type({"--resolve", "other.example:443:192.0.2.1", "--resolve", "Example.com:443:192.0.2.7",
                  "https://example.com/"}),
            std::nullopt)
      << err_.str();
  EXPECT_EQ(spec().connect_address, "192.0.2.7");
  ASSERT_EQ(type({"--resolve", "example.com:8080:[2001:db8::1]", "http://example.com:8080"}), std::nullopt);
  EXPECT_EQ(spec().connect_address, "2001:db8::1");
  ASSERT_EQ(type({"--resolve", "example.com:80:192.0.2.7", "https://example.com"}), std::nullopt);
  EXPECT_EQ(spec().connect_address, "");
  EXPECT_EQ(type({"--resolve", "example.com", "https://example.com"}), 2);
}

TEST_F(CheckCommandLine, SaysWhatIsWrongInOneLineEach) {
  EXPECT_EQ(type({}), 2);
  EXPECT_EQ(err_.str(), "openseer check: needs URL (see openseer check --help)\n");
  EXPECT_EQ(type({"ftp://example.com"}), 2);
  EXPECT_EQ(err_.str(), "openseer check: url must be http or https\n");
  EXPECT_EQ(type({"http://a", "http://b"}), 2);
  EXPECT_EQ(err_.str(), "openseer check: unexpected argument 'http://b'\n");
  EXPECT_EQ(type({"--assert", "status", "http://a"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--assert needs one of"));
  EXPECT_EQ(type({"-H", "nonsense", "http://a"}), 2);
  EXPECT_EQ(err_.str(), "openseer check: -H must be a header, such as 'Accept: text/html', got 'nonsense'\n");
  EXPECT_EQ(type({"-Z", "http://a"}), 2);
  EXPECT_EQ(err_.str(), "openseer check: unknown option '-Z' (see openseer check --help)\n");
  EXPECT_EQ(type({"-u", "me", "http://a"}), 2);
  EXPECT_EQ(err_.str(), "openseer check: -u must be USER:PASSWORD\n") << "a password is never repeated";
}

TEST_F(CheckCommandLine, HelpNamesEveryOptionAndSucceeds) {
  EXPECT_EQ(type({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("usage: openseer check [options] URL"));
  EXPECT_THAT(out_.str(), HasSubstr("  -X, --request METHOD"));
  EXPECT_THAT(out_.str(), HasSubstr("      --assert TEXT"));
}

}  // namespace
}  // namespace openseer::cli
