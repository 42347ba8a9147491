#pragma once

#include <new>

#include <curl/curl.h>

namespace openseer::http {

// One transfer of libcurl, with the list that it reads while it runs.
struct EasyHandle {
  EasyHandle() : handle(curl_easy_init()) {
    if (handle == nullptr) throw std::bad_alloc();
  }
  ~EasyHandle() {
    curl_easy_cleanup(handle);
    curl_slist_free_all(list);
  }
  EasyHandle(const EasyHandle&) = delete;
  EasyHandle& operator=(const EasyHandle&) = delete;

  CURL* handle;
  curl_slist* list = nullptr;
};

}  // namespace openseer::http
