#include "integration/api_client.h"

#include <curl/curl.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/time_util.h>

#include "integration/wait.h"
#include "openseer/v1/auth_service.pb.h"

namespace openseer::test {
namespace {

using google::protobuf::util::TimeUtil;

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* into) {
  static_cast<std::string*>(into)->append(bytes, size * count);
  return size * count;
}

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;
HeaderList header_list(std::initializer_list<const char*> lines) {
  curl_slist* list = nullptr;
  for (const char* line : lines) list = curl_slist_append(list, line);
  return {list, curl_slist_free_all};
}

std::string to_json(const google::protobuf::Message& message) {
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(message, &json);
  if (!status.ok()) throw std::logic_error(status.ToString());
  return json;
}

void from_json(const std::string& json, google::protobuf::Message& message) {
  const auto status = google::protobuf::util::JsonStringToMessage(json, &message);
  if (!status.ok()) throw std::runtime_error("not a " + message.GetTypeName() + ": " + json);
}

std::string error_code(const std::string& json) {
  google::protobuf::Struct error;
  if (!google::protobuf::util::JsonStringToMessage(json, &error).ok()) return "unknown";
  return error.fields().at("code").string_value();
}

void set_common(CURL* curl, const std::string& ca_file) {
  if (!ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

}  // namespace

HttpAnswer http_get(const std::string& url, Milliseconds limit) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  HttpAnswer answer;
  set_common(curl.get(), {});
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  long status = 0;
  if (curl_easy_perform(curl.get()) == CURLE_OK)
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

ApiClient::ApiClient(std::string base, std::string ca_file)
    : base_(std::move(base)), ca_file_(std::move(ca_file)), curl_(curl_easy_init()) {
  set_common(curl_, ca_file_);
  curl_easy_setopt(curl_, CURLOPT_COOKIEFILE, "");  // keeps cookies
}

ApiClient::~ApiClient() { curl_easy_cleanup(curl_); }

void ApiClient::call(const std::string& method, const google::protobuf::Message& request,
                     google::protobuf::Message& response) {
  const std::string url = base_ + "/openseer.v1." + method;
  const std::string body = to_json(request);
  const HeaderList headers = header_list({"Content-Type: application/json", "Connect-Protocol-Version: 1"});
  std::string answer;
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(scaled(Seconds{15}).count()));
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer);
  const CURLcode failure = curl_easy_perform(curl_);
  if (failure != CURLE_OK) throw ApiError(method, "no answer", curl_easy_strerror(failure));
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) throw ApiError(method, error_code(answer), answer);
  from_json(answer, response);
}

void ApiClient::sign_up(const std::string& email) {
  v1::SignUpRequest request;
  request.set_email(email);
  request.set_password("correct horse battery staple");
  workspace_ = call<v1::SignUpResponse>("AuthService/SignUp", request).memberships(0).workspace_id();
}

void ApiClient::sign_in(const std::string& email) {
  v1::SignInRequest request;
  request.set_email(email);
  request.set_password("correct horse battery staple");
  workspace_ = call<v1::SignInResponse>("AuthService/SignIn", request).memberships(0).workspace_id();
}

v1::Monitor ApiClient::create_monitor(const std::string& url, Seconds interval, Milliseconds timeout,
                                      const std::string& region) {
  v1::CreateMonitorRequest request;
  request.set_workspace_id(workspace_);
  v1::MonitorSpec& spec = *request.mutable_spec();
  spec.set_url(url);
  *spec.mutable_interval() = TimeUtil::SecondsToDuration(interval.count());
  if (timeout.count() > 0) *spec.mutable_timeout() = TimeUtil::MillisecondsToDuration(timeout.count());
  if (!region.empty()) spec.add_regions(region);
  return call<v1::CreateMonitorResponse>("MonitorService/CreateMonitor", request).monitor();
}

v1::Monitor ApiClient::get_monitor(const std::string& id) {
  v1::GetMonitorRequest request;
  request.set_workspace_id(workspace_);
  request.set_monitor_id(id);
  return call<v1::GetMonitorResponse>("MonitorService/GetMonitor", request).monitor();
}

// The transfer, and the bytes that have arrived and were not taken yet.
struct WatchStream::Native {
  CURLM* multi = curl_multi_init();
  CURL* easy = curl_easy_init();
  HeaderList headers{nullptr, curl_slist_free_all};
  std::string url;
  std::string body;
  std::string received;

  ~Native() {
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
  }

  // One envelope: flags, length (big-endian), payload.
  bool take_envelope(unsigned char& flags, std::string& payload) {
    constexpr std::size_t kHead = 5;
    if (received.size() < kHead) return false;
    std::size_t size = 0;
    for (std::size_t i = 1; i < kHead; ++i) size = size << 8 | static_cast<unsigned char>(received[i]);
    if (received.size() < kHead + size) return false;
    flags = static_cast<unsigned char>(received[0]);
    payload = received.substr(kHead, size);
    received.erase(0, kHead + size);
    return true;
  }
};

WatchStream::WatchStream(ApiClient& api, const v1::WatchRequest& request)
    : native_(std::make_unique<Native>()) {
  Native& n = *native_;
  n.url = api.base_ + "/openseer.v1.DashboardService/Watch";
  const std::string json = to_json(request);
  n.body.push_back('\0');
  for (int shift = 24; shift >= 0; shift -= 8) n.body.push_back(static_cast<char>(json.size() >> shift));
  n.body += json;
  n.headers = header_list({"Content-Type: application/connect+json", "Connect-Protocol-Version: 1"});
  set_common(n.easy, api.ca_file_);
  curl_slist* cookies = nullptr;
  curl_easy_getinfo(api.curl_, CURLINFO_COOKIELIST, &cookies);
  curl_easy_setopt(n.easy, CURLOPT_COOKIEFILE, "");
  for (const curl_slist* at = cookies; at != nullptr; at = at->next)
    curl_easy_setopt(n.easy, CURLOPT_COOKIELIST, at->data);
  curl_slist_free_all(cookies);
  curl_easy_setopt(n.easy, CURLOPT_URL, n.url.c_str());
  curl_easy_setopt(n.easy, CURLOPT_HTTPHEADER, n.headers.get());
  curl_easy_setopt(n.easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(n.body.size()));
  curl_easy_setopt(n.easy, CURLOPT_POSTFIELDS, n.body.data());
  curl_easy_setopt(n.easy, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(n.easy, CURLOPT_WRITEDATA, &n.received);
  curl_multi_add_handle(n.multi, n.easy);
}

WatchStream::~WatchStream() = default;

bool WatchStream::next(v1::WatchResponse& event, Monotonic deadline) {
  constexpr unsigned char kEndStream = 2;
  Native& n = *native_;
  while (true) {
    unsigned char flags = 0;
    std::string payload;
    if (n.take_envelope(flags, payload)) {
      if ((flags & kEndStream) != 0) throw ApiError("DashboardService/Watch", "ended", payload);
      event.Clear();
      from_json(payload, event);
      return true;
    }
    const std::size_t before = n.received.size();
    int running = 0;
    curl_multi_perform(n.multi, &running);
    if (n.received.size() != before) continue;
    if (running == 0) throw ApiError("DashboardService/Watch", "cut off", n.received);
    const auto left =
        std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    curl_multi_poll(n.multi, nullptr, 0, static_cast<int>(std::min<long>(left, 1000)), nullptr);
  }
}

}  // namespace openseer::test
