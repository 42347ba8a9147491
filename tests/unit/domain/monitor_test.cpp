#include "domain/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::string> kRegions{"eu-west", "global", "us-east"};

MonitorSpec valid_spec() {
  MonitorSpec spec;
  spec.url = "https://example.com/health?full=1";
  complete(spec);
  return spec;
}

std::vector<FieldViolation> faults(const MonitorSpec& spec) { return validate(spec, kRegions, "spec"); }

MATCHER_P2(Fault, field, part, "") {
  return arg.field == field && arg.description.find(part) != std::string::npos;
}

std::string url_violation(const std::string& url) {
  MonitorSpec spec = valid_spec();
  spec.url = url;
  const auto found = faults(spec);
  if (found.empty()) return "";
  EXPECT_EQ(found.front().field, "spec.url");
  return found.front().description;
}

TEST(MonitorComplete, NameComesFromTheHost) {
  MonitorSpec spec;
  spec.url = " http://[2001:db8::1]:8080/x ";
  complete(spec);
  EXPECT_EQ(spec.url, "http://[2001:db8::1]:8080/x");
  EXPECT_EQ(spec.name, "2001:db8::1");
  spec.name = "  Shop\t";
  complete(spec);
  EXPECT_EQ(spec.name, "Shop");
}

TEST(MonitorComplete, RegionsAreSortedOnceEachAndGlobalByDefault) {
  MonitorSpec spec = valid_spec();
  EXPECT_THAT(spec.regions, ElementsAre("global"));
  spec.regions = {"us-east", "eu-west", "us-east"};
  complete(spec);
  EXPECT_THAT(spec.regions, ElementsAre("eu-west", "us-east"));
}

TEST(MonitorValidate, AcceptsUsualUrls) {
  for (const char* url : {"http://example.com", "HTTPS://Example.COM:8443/a/../b?q=%20#part",
                          "http://10.0.0.1/", "http://[::1]:1/", "http://localhost:65535",
                          "https://xn--bcher-kva.example/", "http://my_service.internal./x|y{z}",
                          "https://a-b.example?x=@", "http://1password.com", "http://example.com/a:b@c"}) {
    EXPECT_EQ(url_violation(url), "") << url;
  }
}

TEST(MonitorValidate, RefusesUrlsThatParsersReadDifferently) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "must not be empty"},
      {"example.com", "full URL"},
      {"http:/example.com", "full URL"},
      {"ftp://example.com/", "must be http or https"},
      {"file:///etc/passwd", "must be http or https"},
      {"javascript:alert(1)//://", "must be http or https"},
      {"https://", "must name a host"},
      {"https:///path", "must name a host"},
      {"https://:80/", "must name a host"},
      {"https://user:secret@example.com/", "user name or password"},
      {"https://good.example\\@evil.example/", "user name or password"},
      {"https://good.example\\.evil.example/", "valid host name"},
      {"https://b\xc3\xbc"
       "cher.example/",
       "ASCII"},
      {"https://example.com/\xc3\xbc", "percent-encode"},
      {"https://exa mple.com/", "space"},
      {"https://example.com/\r\nHost: evil", "control character"},
      {std::string("https://example.com/\0x", 22), "control character"},
      {"https://example.com:0/", "port"},
      {"https://example.com:65536/", "port"},
      {"https://example.com:/", "port"},
      {"https://example.com:8x/", "port"},
      {"https://example.com:-1/", "port"},
      {"https://[::1/", "valid host"},
      {"https://[::1]x/", "valid host"},
      {"https://[fe80::1%25eth0]/", "IPv6"},
      {"https://[example.com]/", "IPv6"},
      {"https://256.1.1.1/", "IPv4"},
      {"https://127.1/", "IPv4"},
      {"https://2130706433/", "IPv4"},
      {"https://0x7f000001/", "IPv4"},
      {"https://0177.0.0.1/", "IPv4"},
      {"https://a..b/", "valid host name"},
      {"https://-a.example/", "valid host name"},
      {"https://" + std::string(64, 'a') + ".example/", "valid host name"},
      {"https://example.com/" + std::string(2048, 'a'), "2048"},
  };
  for (const auto& [url, part] : cases) EXPECT_THAT(url_violation(url), HasSubstr(part)) << url;
}

TEST(MonitorValidate, TimesStayWithinTheirBounds) {
  MonitorSpec spec = valid_spec();
  spec.interval = Seconds{0};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.interval", "1 s to 24 h")));
  spec.interval = Seconds{86'401};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.interval", "1 s to 24 h")));
  spec.interval = Seconds{5};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.timeout", "must be at most the interval (5 s)")));
  spec.timeout = Milliseconds{99};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.timeout", "100 ms to 60 s")));
  spec.timeout = Seconds{5};
  EXPECT_THAT(faults(spec), IsEmpty());
  spec.interval = Seconds{86'400};
  spec.timeout = Milliseconds{60'001};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.timeout", "100 ms to 60 s")));
}

TEST(MonitorValidate, HeadersAreTokensWithoutLineBreaks) {
  MonitorSpec spec = valid_spec();
  spec.headers = {
      {"X-Ok", "caf\xc3\xa9", false}, {"X-Empty", "", false}, {"Authorization", "Bearer x", true}};
  EXPECT_THAT(faults(spec), IsEmpty());
  spec.headers = {{"X-A", "a\r\nEvil: 1", true},
                  {"Bad Name", "", false},
                  {"", "x", false},
                  {"X\nY", "", false},
                  {"content-length", "3", false},
                  {"Transfer-Encoding", "chunked", false},
                  {"X-Nul", std::string("a\0b", 3), false},
                  {"host", " ", false}};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.headers[0].value", "must not contain a line break"),
                                        Fault("spec.headers[1].name", "must consist of"),
                                        Fault("spec.headers[2].name", "must not be empty"),
                                        Fault("spec.headers[3].name", "must not contain a line break"),
                                        Fault("spec.headers[4].name", "must not be content-length"),
                                        Fault("spec.headers[5].name", "must not be Transfer-Encoding"),
                                        Fault("spec.headers[6].value", "control character"),
                                        Fault("spec.headers[7].value", "must not be empty for Host")));
}

TEST(MonitorValidate, SizesAreLimited) {
  MonitorSpec spec = valid_spec();
  spec.headers.assign(51, {"X-A", "b", false});
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.headers", "at most 50")));
  spec.headers = {{"X-A", std::string(16 * 1024, 'v'), false}};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.headers", "16 KiB")));
  spec = valid_spec();
  spec.method = "POST";
  spec.body.assign(64 * 1024, 'x');
  EXPECT_THAT(faults(spec), IsEmpty());
  spec.body += 'x';
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.body", "64 KiB")));
  spec = valid_spec();
  spec.name.assign(201, 'n');
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.name", "200")));
  spec.name.clear();
  for (int i = 0; i < 200; ++i) spec.name += "\xc3\xbc";
  EXPECT_THAT(faults(spec), IsEmpty()) << "characters count, not bytes";
  spec.max_redirects = 21;
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.max_redirects", "0 to 20")));
}

TEST(MonitorValidate, ABodyNeedsAMethodThatSendsIt) {
  MonitorSpec spec = valid_spec();
  spec.body = "{}";
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.body", "must be empty for GET")));
  spec.method = "DELETE";
  EXPECT_THAT(faults(spec), IsEmpty());
  spec.method = "PROPFIND";
  EXPECT_THAT(faults(spec), IsEmpty());
  for (const char* method : {"", "GET IT", "GET\r\nX: y", "CONNECT"}) {
    spec.method = method;
    EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.method", "must"))) << method;
  }
}

TEST(MonitorValidate, StatusRangesLieWithinHttp) {
  MonitorSpec spec = valid_spec();
  spec.accepted_statuses = {{200, 204}, {404, 404}, {99, 200}, {500, 600}, {300, 200}};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.accepted_statuses[2]", "100 to 599"),
                                        Fault("spec.accepted_statuses[3]", "100 to 599"),
                                        Fault("spec.accepted_statuses[4]", "must not end before it starts")));
  spec.accepted_statuses.assign(21, {});
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.accepted_statuses", "at most 20")));
}

TEST(MonitorValidate, AnUnknownRegionIsNamed) {
  MonitorSpec spec = valid_spec();
  spec.regions = {"eu-west", "mars"};
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.regions[1]", "\"mars\"")));
  spec.regions.assign(1000, "mars");
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.regions", "at most 100")));
}

TEST(MonitorValidate, AWrongUrlIsNotReportedAsAMissingName) {
  MonitorSpec spec;
  spec.url = "nonsense";
  complete(spec);
  EXPECT_THAT(faults(spec), ElementsAre(Fault("spec.url", "full URL")));
}

Measurement answer(int status) {
  Measurement found;
  found.http_status = status;
  found.phases.total = Milliseconds{12};
  return found;
}

TEST(MonitorJudge, AnAcceptedStatusIsOk) {
  const Instant at{Seconds{1'700'000'000}};
  for (const int status : {200, 204, 299}) {
    const CheckResult result = judge(valid_spec(), answer(status), at);
    EXPECT_EQ(result.outcome, Outcome::kOk);
    EXPECT_EQ(result.measurement.reason, Reason::kNone);
    EXPECT_EQ(result.measurement.message, "");
    EXPECT_EQ(result.started_at, at);
    EXPECT_EQ(result.measurement.phases.total, Milliseconds{12});
  }
}

TEST(MonitorJudge, AnotherStatusFailsAndSaysWhatWasExpected) {
  CheckResult result = judge(valid_spec(), answer(503), Instant{});
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.measurement.reason, Reason::kStatus);
  EXPECT_EQ(result.measurement.message, "expected 200-299, got 503");
  MonitorSpec spec = valid_spec();
  spec.accepted_statuses = {{301, 302}, {404, 404}, {500, 503}};
  EXPECT_EQ(judge(spec, answer(503), Instant{}).outcome, Outcome::kOk);
  EXPECT_EQ(judge(spec, answer(200), Instant{}).measurement.message,
            "expected 301-302, 404 or 500-503, got 200");
}

TEST(MonitorJudge, AFailedMeasurementKeepsItsReason) {
  Measurement found = answer(200);
  found.reason = Reason::kConnectionLost;
  found.message = "the connection was reset";
  const CheckResult result = judge(valid_spec(), found, Instant{});
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.measurement.reason, Reason::kConnectionLost);
  EXPECT_EQ(result.measurement.message, "the connection was reset");
}

}  // namespace
}  // namespace openseer::domain
