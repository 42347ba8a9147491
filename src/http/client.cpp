#include "http/client.h"

#include <stdexcept>

#include "http/easy_handle.h"

namespace openseer::http {
namespace {

constexpr std::size_t kMaximumAnswer = 1024 * 1024;

std::size_t append_body(const char* data, std::size_t size, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + size * count > kMaximumAnswer) return 0;  // fails the transfer
  body.append(data, size * count);
  return size * count;
}

PostResult perform(EasyHandle& easy, const std::string& url, Seconds timeout) {
  PostResult result;
  char reason[CURL_ERROR_SIZE] = "";
  CURL* handle = easy.handle;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "https");
  // Neither a proxy from the environment nor a redirect comes between.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, static_cast<long>(timeout.count()));
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &result.body);
  const CURLcode code = curl_easy_perform(handle);
  if (code != CURLE_OK) {
    throw std::runtime_error("no answer from " + url + ": " +
                             (*reason != '\0' ? reason : curl_easy_strerror(code)));
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  result.status = static_cast<int>(status);
  return result;
}

}  // namespace

PostResult post_json(const std::string& url, const std::string& json, const std::string& ca_pem,
                     Seconds timeout) {
  EasyHandle easy;
  easy.list = curl_slist_append(easy.list, "Content-Type: application/json");
  easy.list = curl_slist_append(easy.list, "Expect:");
  // The system's own anchors must not count beside `ca_pem`.
  curl_blob anchors{const_cast<char*>(ca_pem.data()), ca_pem.size(), CURL_BLOB_COPY};
  curl_easy_setopt(easy.handle, CURLOPT_CAINFO_BLOB, &anchors);
  curl_easy_setopt(easy.handle, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy.handle, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy.handle, CURLOPT_HTTPHEADER, easy.list);
  curl_easy_setopt(easy.handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(json.size()));
  curl_easy_setopt(easy.handle, CURLOPT_POSTFIELDS, json.data());
  return perform(easy, url, timeout);
}

PostResult get_unverified(const std::string& url, Seconds timeout) {
  EasyHandle easy;
  curl_easy_setopt(easy.handle, CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(easy.handle, CURLOPT_SSL_VERIFYHOST, 0L);
  return perform(easy, url, timeout);
}

}  // namespace openseer::http
